# base/: results, descriptors, addresses, times, log lines.  Knows nothing of mail.
noinst_LIBRARIES += milter/base/libpostern_base.a
milter_base_libpostern_base_a_SOURCES = \
	milter/base/arguments.h \
	milter/base/clock.cc milter/base/clock.h \
	milter/base/core_dumps.cc milter/base/core_dumps.h \
	milter/base/fd.h \
	milter/base/files.cc milter/base/files.h \
	milter/base/huge_pages.h \
	milter/base/ip.cc milter/base/ip.h \
	milter/base/journal.cc milter/base/journal.h \
	milter/base/log.cc milter/base/log.h \
	milter/base/result.h \
	milter/base/strings.cc milter/base/strings.h
