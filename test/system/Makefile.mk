# System tests: the real daemon behind a real Postfix, with a real Redis where it matters.  Each program is one test;
# it skips itself (77) unless it is run by root with Postfix installed.  `test/system/gate.py NAME` runs one scenario.
system_tests = \
	test/system/access.py \
	test/system/archive.py \
	test/system/bounce_corpus.py \
	test/system/bounces.py \
	test/system/debian_package.py \
	test/system/digest.py \
	test/system/doctor.py \
	test/system/doctor_faults.py \
	test/system/doctor_sendmail.py \
	test/system/downstream.py \
	test/system/failover.py \
	test/system/failures.py \
	test/system/fresh_host.py \
	test/system/gate.py \
	test/system/livearchive.py \
	test/system/metrics.py \
	test/system/milter_examples.py \
	test/system/pdf_corpus.py \
	test/system/portal.py \
	test/system/portal_chromium.py \
	test/system/proof.py \
	test/system/protocol.py \
	test/system/quarantine.py \
	test/system/redis_examples.py \
	test/system/report.py \
	test/system/roundtrips.py \
	test/system/security.py \
	test/system/sendmail.py \
	test/system/spam.py \
	test/system/storm.py \
	test/system/tables.py \
	test/system/tags.py \
	test/system/threads.py \
	test/system/webmail.py
TESTS += $(system_tests)
EXTRA_DIST += $(system_tests) \
	test/system/lib/__init__.py \
	test/system/lib/author.py \
	test/system/lib/browser.py \
	test/system/lib/clock_ahead.c \
	test/system/lib/debian.py \
	test/system/lib/disk.py \
	test/system/lib/doctor.py \
	test/system/lib/dovecot.py \
	test/system/lib/exim.py \
	test/system/lib/forgeries.py \
	test/system/lib/fresh_host.py \
	test/system/lib/history.py \
	test/system/lib/judged.py \
	test/system/lib/livearchive.py \
	test/system/lib/load.py \
	test/system/lib/mail.py \
	test/system/lib/milter.py \
	test/system/lib/portal.py \
	test/system/lib/portal_clicks.js \
	test/system/lib/portal_pages.js \
	test/system/lib/postfix.py \
	test/system/lib/process.py \
	test/system/lib/proof_check.py \
	test/system/lib/redis_cluster.py \
	test/system/lib/relay.py \
	test/system/lib/resp.py \
	test/system/lib/resp_server.py \
	test/system/lib/rspamd.py \
	test/system/lib/run.py \
	test/system/lib/sendmail.py \
	test/system/lib/servers.py \
	test/system/lib/spamassassin.py \
	test/system/lib/state.py \
	test/system/lib/supervisor.py \
	test/system/lib/trouble.py \
	test/system/lib/weather.py \
	test/system/lib/webmail.py
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = python3
AM_PY_LOG_FLAGS = -B

# Programs of other mail systems, unpacked for the tests.
clean-local:
	rm -rf test/system/packages
