# Target of portal/: portal_fuzz.
EXTRA_DIST += test/fuzz/portal_fuzz.cc test/fuzz/corpus/portal/fetch test/fuzz/corpus/portal/form \
	test/fuzz/corpus/portal/message test/fuzz/corpus/portal/target
if PORTAL
check_PROGRAMS += test/fuzz/portal_fuzz
test_fuzz_portal_fuzz_SOURCES = test/fuzz/portal_fuzz.cc $(fuzz_main)
test_fuzz_portal_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_portal_fuzz_LDADD = milter/portal/libpostern_portal.a milter/policy/libpostern_policy.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(PCRE2_LIBS)
if !FUZZERS
TESTS += test/fuzz/portal_fuzz
endif
endif
