if HAVE_CPPUNIT
check_PROGRAMS += test/unit/judge_test
TESTS += test/unit/judge_test
test_unit_judge_test_SOURCES = test/unit/runner.cc test/unit/judge/fakes.h test/unit/judge/archive_test.cc test/unit/judge/transaction_test.cc
test_unit_judge_test_CPPFLAGS = -I$(top_srcdir)/test $(unit_cppflags)
test_unit_judge_test_CXXFLAGS = $(light_cxxflags)
test_unit_judge_test_LDADD = milter/judge/libpostern_judge.a milter/bounce/libpostern_bounce.a \
	milter/policy/libpostern_policy.a milter/mail/libpostern_mail.a milter/conf/libpostern_conf.a \
	milter/base/libpostern_base.a $(PCRE2_LIBS) $(SODIUM_LIBS) $(TOMLPLUSPLUS_LIBS) $(CPPUNIT_LIBS)
endif
