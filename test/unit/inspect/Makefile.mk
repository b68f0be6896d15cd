if HAVE_CPPUNIT
check_PROGRAMS += test/unit/inspect_test test/unit/pool_test test/unit/inspect_obedient
TESTS += test/unit/inspect_test test/unit/pool_test
test_unit_inspect_test_CPPFLAGS = $(unit_cppflags) $(ZIP_CFLAGS) -I$(top_srcdir)/test
test_unit_inspect_test_CXXFLAGS = $(light_cxxflags)
test_unit_inspect_test_SOURCES = test/unit/runner.cc \
	test/unit/inspect/archive_limits_test.cc \
	test/unit/inspect/bomb_test.cc test/unit/inspect/bombs.h \
	test/unit/inspect/examine_test.cc \
	test/unit/inspect/jail_test.cc \
	test/unit/inspect/pdf_bombs.cc \
	test/unit/inspect/picture_bombs.cc \
	test/unit/inspect/record_test.cc \
	test/unit/inspect/samples.cc test/unit/inspect/samples.h \
	test/unit/inspect/support.h
test_unit_inspect_test_LDADD = $(inspect_libs) test/data/libtestdata.a $(CPPUNIT_LIBS) $(inspect_deps)
# The daemon's side and its threads, without Poppler.
test_unit_pool_test_CPPFLAGS = $(unit_cppflags) -I$(top_srcdir)/test
test_unit_pool_test_CXXFLAGS = $(light_cxxflags)
test_unit_pool_test_SOURCES = test/unit/runner.cc test/unit/inspect/pool_test.cc test/unit/inspect/support.h
test_unit_pool_test_LDADD = milter/inspect/libpostern_inspect.a milter/base/libpostern_base.a $(CPPUNIT_LIBS)
# A worker that does what its message says: for the tests of the jail.
test_unit_inspect_obedient_SOURCES = test/unit/inspect/obedient_worker.cc
test_unit_inspect_obedient_LDADD = milter/inspect/libpostern_worker.a milter/inspect/libpostern_inspect.a \
	milter/base/libpostern_base.a $(SECCOMP_LIBS)
endif
