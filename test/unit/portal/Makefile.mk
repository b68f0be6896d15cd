portal_tests = test/unit/portal/digest_test.cc test/unit/portal/http_test.cc test/unit/portal/mail_test.cc \
	test/unit/portal/state_test.cc
EXTRA_DIST += $(portal_tests)
if HAVE_CPPUNIT
if PORTAL
check_PROGRAMS += test/unit/portal_test
TESTS += test/unit/portal_test
test_unit_portal_test_SOURCES = test/unit/runner.cc $(portal_tests)
test_unit_portal_test_CPPFLAGS = $(unit_cppflags) $(PORTAL_CFLAGS)
test_unit_portal_test_CXXFLAGS = $(light_cxxflags)
test_unit_portal_test_LDADD = milter/portal/libpostern_portal.a milter/policy/libpostern_policy.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(PORTAL_LIBS) $(SODIUM_LIBS) $(PCRE2_LIBS) $(CPPUNIT_LIBS)
endif
endif
