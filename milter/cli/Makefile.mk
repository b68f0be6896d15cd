# cli/: the subcommands of `postern`.
noinst_LIBRARIES += milter/cli/libpostern_cli.a
cli_doctor_sources = milter/cli/doctor.cc milter/cli/doctor.h milter/cli/doctor_postfix.cc \
	milter/cli/doctor_probe.cc milter/cli/doctor_probe.h milter/cli/doctor_sendmail.cc milter/cli/doctor_socket.cc \
	milter/cli/doctor_state.cc milter/cli/doctor_store.cc milter/cli/postfix_config.cc milter/cli/postfix_config.h \
	milter/cli/run_program.cc milter/cli/run_program.h milter/cli/sendmail_config.cc milter/cli/sendmail_config.h
cli_report_sources = milter/cli/init.cc milter/cli/log_source.cc milter/cli/log_source.h milter/cli/report.cc \
	milter/cli/report_sum.cc milter/cli/report_sum.h
cli_audit_sources = milter/cli/audit.cc milter/cli/audit_event.cc milter/cli/audit_event.h
cli_networks_sources = milter/cli/check.cc milter/cli/check_report.cc milter/cli/check_report.h \
	milter/cli/networks_json.cc milter/cli/networks_json.h \
	milter/cli/networks_load.cc milter/cli/networks_refused.cc
milter_cli_libpostern_cli_a_CPPFLAGS = $(AM_CPPFLAGS) $(PNG_CFLAGS) -DPOSTERN_SBINDIR='"$(sbindir)"'
milter_cli_libpostern_cli_a_CXXFLAGS = $(light_cxxflags)
milter_cli_libpostern_cli_a_SOURCES = $(cli_doctor_sources) $(cli_report_sources) $(cli_networks_sources) $(cli_audit_sources) milter/cli/commands.h milter/cli/config.cc milter/cli/facts_json.h \
	milter/cli/judge_setup.cc milter/cli/judge_setup.h milter/cli/message_file.cc milter/cli/message_file.h \
	milter/cli/options.cc milter/cli/options.h milter/cli/rules_test.cc milter/cli/pdf.cc milter/cli/pdf.h \
	milter/cli/png.cc milter/cli/png.h milter/cli/thumbnail.cc milter/cli/thumbnail.h \
	milter/cli/scan.cc milter/cli/scan_summary.cc milter/cli/scan_summary.h milter/cli/progress.cc \
	milter/cli/progress.h milter/cli/stamp.cc \
	milter/cli/admin_setup.cc milter/cli/admin_setup.h milter/cli/changes.cc milter/cli/digest.cc milter/cli/domains.cc \
	milter/cli/images.cc milter/cli/keys.cc \
	milter/cli/log.cc milter/cli/mail_story.cc milter/cli/mail_story.h \
	milter/cli/cluster_picture.cc milter/cli/cluster_picture.h \
	milter/cli/status.cc milter/cli/table.cc milter/cli/track.cc
