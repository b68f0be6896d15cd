if HAVE_CPPUNIT
check_PROGRAMS += test/unit/filter_test
TESTS += test/unit/filter_test
# fake_milter.cc stands in for libmilter, so $(MILTER_LIBS) must not be here.
test_unit_filter_test_CPPFLAGS = $(unit_cppflags)
test_unit_filter_test_CXXFLAGS = $(light_cxxflags)
test_unit_filter_test_SOURCES = test/unit/runner.cc \
	test/unit/filter/actions_test.cc \
	test/unit/filter/callbacks_test.cc \
	test/unit/filter/fake_milter.cc test/unit/filter/fake_milter.h \
	test/unit/filter/listener_test.cc \
	test/unit/filter/metrics_test.cc \
	test/unit/filter/negotiate_test.cc
test_unit_filter_test_LDADD = milter/filter/libpostern_filter.a milter/judge/libpostern_judge.a \
	milter/bounce/libpostern_bounce.a milter/policy/libpostern_policy.a milter/mail/libpostern_mail.a \
	milter/conf/libpostern_conf.a milter/base/libpostern_base.a $(PROMETHEUS_LIBS) $(PCRE2_LIBS) $(SODIUM_LIBS) \
	$(TOMLPLUSPLUS_LIBS) $(CPPUNIT_LIBS)
endif
