if HAVE_CPPUNIT
check_PROGRAMS += test/unit/base_test
TESTS += test/unit/base_test
test_unit_base_test_SOURCES = test/unit/runner.cc \
	test/unit/base/clock_test.cc \
	test/unit/base/ip_test.cc \
	test/unit/base/log_test.cc \
	test/unit/base/strings_test.cc
test_unit_base_test_CPPFLAGS = $(unit_cppflags)
test_unit_base_test_CXXFLAGS = $(light_cxxflags)
test_unit_base_test_LDADD = milter/base/libpostern_base.a $(CPPUNIT_LIBS)
endif
