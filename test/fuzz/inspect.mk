# Targets of inspect/: record_fuzz, examine_fuzz.
check_PROGRAMS += test/fuzz/record_fuzz test/fuzz/examine_fuzz
test_fuzz_record_fuzz_SOURCES = test/fuzz/record_fuzz.cc $(fuzz_main)
test_fuzz_record_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_record_fuzz_LDADD = milter/inspect/libpostern_inspect.a milter/base/libpostern_base.a
test_fuzz_examine_fuzz_SOURCES = test/fuzz/examine_fuzz.cc $(fuzz_main)
test_fuzz_examine_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_examine_fuzz_LDADD = $(inspect_libs) $(inspect_deps)
if !FUZZERS
TESTS += test/fuzz/record_fuzz test/fuzz/examine_fuzz
endif
EXTRA_DIST += test/fuzz/corpus/record/answer-facts test/fuzz/corpus/record/answer-hello \
	test/fuzz/corpus/record/blank test/fuzz/corpus/record/bounce test/fuzz/corpus/record/newsletter \
	test/fuzz/corpus/record/reply test/fuzz/corpus/record/uuencode test/fuzz/corpus/record/zip \
	test/fuzz/corpus/examine/blank test/fuzz/corpus/examine/bounce test/fuzz/corpus/examine/newsletter \
	test/fuzz/corpus/examine/reply test/fuzz/corpus/examine/uuencode test/fuzz/corpus/examine/zip
