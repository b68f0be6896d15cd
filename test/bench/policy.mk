EXTRA_PROGRAMS += test/bench/networks_bench test/bench/rules_bench
test_bench_networks_bench_SOURCES = test/bench/networks_bench.cc
test_bench_networks_bench_LDADD = milter/policy/libpostern_policy.a milter/base/libpostern_base.a -ldl
test_bench_rules_bench_SOURCES = test/bench/rules_bench.cc
test_bench_rules_bench_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
test_bench_rules_bench_LDADD = milter/policy/libpostern_policy.a milter/base/libpostern_base.a $(PCRE2_LIBS)
