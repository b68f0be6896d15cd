# Targets of bounce/: stamp_fuzz, tag_fuzz.
bounce_fuzz_libs = milter/bounce/libpostern_bounce.a milter/policy/libpostern_policy.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(SODIUM_LIBS) $(PCRE2_LIBS)
check_PROGRAMS += test/fuzz/stamp_fuzz test/fuzz/tag_fuzz
test_fuzz_stamp_fuzz_SOURCES = test/fuzz/stamp_fuzz.cc $(fuzz_main)
test_fuzz_stamp_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_stamp_fuzz_LDADD = $(bounce_fuzz_libs)
test_fuzz_tag_fuzz_SOURCES = test/fuzz/tag_fuzz.cc $(fuzz_main)
test_fuzz_tag_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_tag_fuzz_LDADD = $(bounce_fuzz_libs)
if !FUZZERS
TESTS += test/fuzz/stamp_fuzz test/fuzz/tag_fuzz
endif
EXTRA_DIST += test/fuzz/corpus/stamp/short test/fuzz/corpus/stamp/well-formed test/fuzz/corpus/stamp/wrong-key \
	test/fuzz/corpus/tag/quoted test/fuzz/corpus/tag/route test/fuzz/corpus/tag/short \
	test/fuzz/corpus/tag/well-formed test/fuzz/corpus/tag/blank-behind-dot test/fuzz/corpus/tag/two-dots
