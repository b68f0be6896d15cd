# CppUnit tests: one program per folder of milter/.  `test/unit/base_test NAME` runs one test.
TESTS += test/unit/hardening test/unit/layers
EXTRA_DIST += test/unit/hardening test/unit/layers
unit_cppflags = $(AM_CPPFLAGS) $(CPPUNIT_CFLAGS)
include test/unit/base/Makefile.mk
include test/unit/conf/Makefile.mk
include test/unit/mail/Makefile.mk
include test/unit/policy/Makefile.mk
include test/unit/store/Makefile.mk
include test/unit/bounce/Makefile.mk
include test/unit/pdf/Makefile.mk
include test/unit/inspect/Makefile.mk
include test/unit/judge/Makefile.mk
include test/unit/filter/Makefile.mk
include test/unit/cli/Makefile.mk
include test/unit/portal/Makefile.mk
