# Targets of policy/: rules_fuzz.
check_PROGRAMS += test/fuzz/rules_fuzz
test_fuzz_rules_fuzz_SOURCES = test/fuzz/rules_fuzz.cc $(fuzz_main)
test_fuzz_rules_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_rules_fuzz_LDADD = milter/policy/libpostern_policy.a milter/base/libpostern_base.a $(PCRE2_LIBS)
if !FUZZERS
TESTS += test/fuzz/rules_fuzz
endif
EXTRA_DIST += \
	test/fuzz/corpus/rules/basic test/fuzz/corpus/rules/bytes test/fuzz/corpus/rules/circle \
	test/fuzz/corpus/rules/faults test/fuzz/corpus/rules/patterns test/fuzz/corpus/rules/references

# Targets of policy/: networks_fuzz.
check_PROGRAMS += test/fuzz/networks_fuzz
test_fuzz_networks_fuzz_SOURCES = test/fuzz/networks_fuzz.cc $(fuzz_main)
test_fuzz_networks_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_networks_fuzz_LDADD = milter/policy/libpostern_policy.a milter/base/libpostern_base.a
if !FUZZERS
TESTS += test/fuzz/networks_fuzz
endif
EXTRA_DIST += test/fuzz/corpus/networks/bad test/fuzz/corpus/networks/ends test/fuzz/corpus/networks/ipv6 \
	test/fuzz/corpus/networks/lines test/fuzz/corpus/networks/pasted test/fuzz/corpus/networks/spf test/fuzz/corpus/networks/wide

