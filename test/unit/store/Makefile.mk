if HAVE_CPPUNIT
check_PROGRAMS += test/unit/store_test
TESTS += test/unit/store_test
test_unit_store_test_SOURCES = test/unit/runner.cc \
	test/unit/store/admin_test.cc test/unit/store/cluster_test.cc test/unit/store/contract_test.cc test/unit/store/kinds.h \
	test/unit/store/counters_test.cc test/unit/store/policy_cache_test.cc test/unit/store/redis_errors_test.cc test/unit/store/redis_test.cc \
	test/unit/store/redis_server.cc test/unit/store/redis_server.h test/unit/store/track_files_test.cc
test_unit_store_test_CPPFLAGS = $(unit_cppflags) $(HIREDIS_CFLAGS) -I$(top_srcdir)/test/unit/store
test_unit_store_test_CXXFLAGS = $(light_cxxflags)
test_unit_store_test_LDADD = milter/store/libpostern_store.a milter/policy/libpostern_policy.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(HIREDIS_LIBS) $(SODIUM_LIBS) $(PCRE2_LIBS) \
	$(CPPUNIT_LIBS)
endif
