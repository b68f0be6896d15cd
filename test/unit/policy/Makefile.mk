if HAVE_CPPUNIT
check_PROGRAMS += test/unit/policy_test
TESTS += test/unit/policy_test
policy_networks_tests = \
	test/unit/policy/networks_lanes_test.cc \
	test/unit/policy/networks_list_test.cc \
	test/unit/policy/networks_parse_test.cc \
	test/unit/policy/networks_test.cc
test_unit_policy_test_SOURCES = test/unit/runner.cc $(policy_networks_tests) \
	test/unit/policy/actions_test.cc \
	test/unit/policy/archive_copies_test.cc \
	test/unit/policy/decide_test.cc \
	test/unit/policy/recipient_policy_test.cc \
	test/unit/policy/rows_test.cc \
	test/unit/policy/rules_file_test.cc \
	test/unit/policy/rules_index_test.cc \
	test/unit/policy/rule_pictures_test.cc test/unit/policy/rules_test.cc
test_unit_policy_test_CPPFLAGS = $(unit_cppflags)
test_unit_policy_test_CXXFLAGS = $(light_cxxflags)
test_unit_policy_test_LDADD = milter/policy/libpostern_policy.a milter/mail/libpostern_mail.a \
	milter/base/libpostern_base.a $(PCRE2_LIBS) $(CPPUNIT_LIBS)
endif
