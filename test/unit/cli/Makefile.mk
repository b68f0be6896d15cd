cli_scripts = test/unit/cli/init test/unit/cli/journal test/unit/cli/networks test/unit/cli/pdf test/unit/cli/progress \
	test/unit/cli/scan test/unit/cli/tables test/unit/cli/thumbnail
TESTS += $(cli_scripts)
EXTRA_DIST += $(cli_scripts)
if HAVE_CPPUNIT
check_PROGRAMS += test/unit/cli_test
TESTS += test/unit/cli_test
cli_networks_tests = \
	test/unit/cli/check_report_test.cc \
	test/unit/cli/networks_json_test.cc
cli_story_tests = test/unit/cli/audit_event_test.cc test/unit/cli/mail_story_test.cc \
	test/unit/cli/postfix_config_test.cc test/unit/cli/report_test.cc test/unit/cli/sendmail_config_test.cc
test_unit_cli_test_SOURCES = test/unit/runner.cc $(cli_networks_tests) $(cli_story_tests)
test_unit_cli_test_CPPFLAGS = $(unit_cppflags)
test_unit_cli_test_CXXFLAGS = $(light_cxxflags)
test_unit_cli_test_LDADD = milter/cli/libpostern_cli.a milter/policy/libpostern_policy.a \
	milter/base/libpostern_base.a $(CPPUNIT_LIBS)
endif
