noinst_LIBRARIES += milter/cli/libpostern_cli.a
milter_cli_libpostern_cli_a_SOURCES =
