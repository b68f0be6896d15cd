EXTRA_PROGRAMS += test/bench/store_bench
test_bench_store_bench_SOURCES = test/bench/store_bench.cc
test_bench_store_bench_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
test_bench_store_bench_LDADD = milter/store/libpostern_store.a milter/policy/libpostern_policy.a \
	milter/base/libpostern_base.a $(HIREDIS_LIBS) $(SODIUM_LIBS) $(PCRE2_LIBS)
