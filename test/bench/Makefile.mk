# Benchmarks: built by `make bench`, never part of `make check`.
EXTRA_PROGRAMS =
include test/bench/policy.mk
include test/bench/store.mk
include test/bench/filter.mk
include test/bench/pdf.mk
include test/bench/inspect.mk
