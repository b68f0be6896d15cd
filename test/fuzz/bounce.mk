# Target of bounce/: stamp_fuzz.
check_PROGRAMS += test/fuzz/stamp_fuzz
test_fuzz_stamp_fuzz_SOURCES = test/fuzz/stamp_fuzz.cc $(fuzz_main)
test_fuzz_stamp_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_stamp_fuzz_LDADD = milter/bounce/libpostern_bounce.a milter/policy/libpostern_policy.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(SODIUM_LIBS) $(PCRE2_LIBS)
if !FUZZERS
TESTS += test/fuzz/stamp_fuzz
endif
EXTRA_DIST += test/fuzz/corpus/stamp/short test/fuzz/corpus/stamp/well-formed test/fuzz/corpus/stamp/wrong-key
