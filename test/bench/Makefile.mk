# Benchmarks: built by `make bench`, not part of `make check` but for the count of instructions.
EXTRA_PROGRAMS =
include test/bench/policy.mk
include test/bench/store.mk
include test/bench/filter.mk
include test/bench/pdf.mk
include test/bench/inspect.mk
include test/bench/instructions.mk
