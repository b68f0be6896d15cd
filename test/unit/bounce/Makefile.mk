if HAVE_CPPUNIT
check_PROGRAMS += test/unit/bounce_test
TESTS += test/unit/bounce_test
test_unit_bounce_test_SOURCES = test/unit/runner.cc test/unit/bounce/bounce_test.cc \
	test/unit/bounce/kinds_test.cc test/unit/bounce/tag_test.cc
test_unit_bounce_test_CPPFLAGS = $(unit_cppflags)
test_unit_bounce_test_CXXFLAGS = $(light_cxxflags)
test_unit_bounce_test_LDADD = milter/bounce/libpostern_bounce.a milter/policy/libpostern_policy.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(CPPUNIT_LIBS) $(SODIUM_LIBS) $(PCRE2_LIBS)
endif
