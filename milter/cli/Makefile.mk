# cli/: the subcommands of `postern`.
noinst_LIBRARIES += milter/cli/libpostern_cli.a
milter_cli_libpostern_cli_a_SOURCES = milter/cli/commands.h milter/cli/config.cc milter/cli/facts_json.h \
	milter/cli/judge_setup.cc milter/cli/judge_setup.h milter/cli/message_file.cc milter/cli/message_file.h \
	milter/cli/options.cc milter/cli/options.h milter/cli/rules_test.cc milter/cli/scan.cc milter/cli/stamp.cc
