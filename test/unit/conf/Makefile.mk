if HAVE_CPPUNIT
check_PROGRAMS += test/unit/conf_test
TESTS += test/unit/conf_test
test_unit_conf_test_SOURCES = test/unit/runner.cc test/unit/conf/settings_test.cc
test_unit_conf_test_CPPFLAGS = $(unit_cppflags)
test_unit_conf_test_CXXFLAGS = $(light_cxxflags)
test_unit_conf_test_LDADD = milter/conf/libpostern_conf.a milter/base/libpostern_base.a $(TOMLPLUSPLUS_LIBS) \
	$(CPPUNIT_LIBS)
endif
