# The daemon against libmilter filters that do nothing: `make bench-filter`, also part of `make bench`.
EXTRA_PROGRAMS += test/bench/bench-driver test/bench/bench-floor
test_bench_bench_driver_SOURCES = test/bench/milter_driver.cc test/bench/mail_file.h
test_bench_bench_floor_SOURCES = test/bench/milter_floor.cc
test_bench_bench_floor_LDADD = $(MILTER_LIBS)
EXTRA_DIST += test/bench/filter_bench.py
bench: bench-filter
bench-filter: all test/bench/bench-driver test/bench/bench-floor
	top_builddir='$(top_builddir)' python3 -B $(srcdir)/test/bench/filter_bench.py
.PHONY: bench bench-filter
