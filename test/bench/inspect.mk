EXTRA_PROGRAMS += test/bench/inspect_bench
test_bench_inspect_bench_SOURCES = test/bench/inspect_bench.cc
test_bench_inspect_bench_LDADD = milter/inspect/libpostern_inspect.a milter/base/libpostern_base.a
