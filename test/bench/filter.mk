# `make bench`: the daemon, libmilter filters that do nothing, and what else could be run, side by side.
EXTRA_PROGRAMS += test/bench/bench-driver test/bench/bench-floor
test_bench_bench_driver_SOURCES = test/bench/milter_driver.cc test/bench/milter_peer.h test/bench/mail_file.h
test_bench_bench_floor_SOURCES = test/bench/milter_floor.cc
test_bench_bench_floor_LDADD = $(MILTER_LIBS)
EXTRA_PROGRAMS += test/bench/bench-metrics
test_bench_bench_metrics_SOURCES = test/bench/metrics_bench.cc test/unit/judge/fakes.h
test_bench_bench_metrics_LDADD = milter/filter/libpostern_filter.a milter/judge/libpostern_judge.a \
	milter/inspect/libpostern_inspect.a $(postern_low_libs) $(MILTER_LIBS) $(PROMETHEUS_LIBS) $(postern_low_deps)
bench_programs = test/bench/bench-driver test/bench/bench-floor test/bench/rules_bench test/bench/store_bench \
	test/bench/pdf_bench
bench_scripts = test/bench/growth.py test/bench/measure.py test/bench/peers.py test/bench/plot.py \
	test/bench/resources.py test/bench/run_bench.py test/bench/samples.py
EXTRA_DIST += test/bench/RESULTS.md test/bench/results.svg $(bench_scripts) test/bench/counting_bench.py test/bench/scale_bench.py test/bench/propagation_bench.py test/bench/portal_bench.py
bench: all test/data/postern-testdata $(bench_programs)
	top_builddir='$(top_builddir)' python3 -B $(srcdir)/test/bench/run_bench.py
# What connections and counting cost a node.
bench-scale: all test/data/postern-testdata test/bench/bench-driver test/bench/bench-metrics
	test/bench/bench-metrics
	top_builddir='$(top_builddir)' python3 -B $(srcdir)/test/bench/counting_bench.py
	top_builddir='$(top_builddir)' python3 -B $(srcdir)/test/bench/scale_bench.py
# How soon a cluster's nodes apply an edit.
bench-propagation: all
	top_builddir='$(top_builddir)' python3 -B $(srcdir)/test/bench/propagation_bench.py
.PHONY: bench bench-scale bench-propagation
