# Target of judge/: filter_fuzz.
check_PROGRAMS += test/fuzz/filter_fuzz
test_fuzz_filter_fuzz_SOURCES = test/fuzz/filter_fuzz.cc test/unit/judge/fakes.h $(fuzz_main)
test_fuzz_filter_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_filter_fuzz_LDADD = milter/judge/libpostern_judge.a milter/bounce/libpostern_bounce.a \
	milter/policy/libpostern_policy.a milter/conf/libpostern_conf.a $(inspect_libs) $(inspect_deps) \
	$(PCRE2_LIBS) $(SODIUM_LIBS) $(TOMLPLUSPLUS_LIBS)
if !FUZZERS
TESTS += test/fuzz/filter_fuzz
endif
EXTRA_DIST += \
	test/fuzz/corpus/filter/after-soft-break test/fuzz/corpus/filter/alternative test/fuzz/corpus/filter/bare-cr \
	test/fuzz/corpus/filter/folded-encoding test/fuzz/corpus/filter/folded-type \
	test/fuzz/corpus/filter/indented-field test/fuzz/corpus/filter/nested test/fuzz/corpus/filter/no-part \
	test/fuzz/corpus/filter/no-part-status test/fuzz/corpus/filter/quoted-multipart \
	test/fuzz/corpus/filter/report-type test/fuzz/corpus/filter/space-before-colon test/fuzz/corpus/filter/text \
	test/fuzz/corpus/filter/text-attachment test/fuzz/corpus/filter/text-quoted-pdf \
	test/fuzz/corpus/filter/text-quoted-uuencode test/fuzz/corpus/filter/text-zip test/fuzz/corpus/filter/two-types
