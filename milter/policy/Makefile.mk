# policy/: pure decisions.  Networks, rules, recipient policies; facts -> verdict -> actions.
noinst_LIBRARIES += milter/policy/libpostern_policy.a
policy_networks_sources = \
	milter/policy/networks.cc milter/policy/networks.h \
	milter/policy/networks_index.cc milter/policy/networks_index.h milter/policy/networks_lanes.h \
	milter/policy/networks_list.cc milter/policy/networks_list.h \
	milter/policy/networks_parse.cc \
	milter/policy/networks_plan.cc \
	milter/policy/networks_row.cc
milter_policy_libpostern_policy_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
milter_policy_libpostern_policy_a_SOURCES = $(policy_networks_sources) \
	milter/policy/actions.cc \
	milter/policy/address_template.cc milter/policy/address_template.h \
	milter/policy/archive_copies.cc milter/policy/archive_copies.h \
	milter/policy/decide.cc milter/policy/decide.h \
	milter/policy/default_rules.cc milter/policy/default_rules.h \
	milter/policy/domains.cc milter/policy/domains.h \
	milter/policy/fact_names.cc milter/policy/fact_names.h \
	milter/policy/facts.h \
	milter/policy/keys.cc milter/policy/keys.h \
	milter/policy/literal_index.cc milter/policy/literal_index.h \
	milter/policy/recipient_policy.cc milter/policy/recipient_policy.h \
	milter/policy/rule_compiler.cc \
	milter/policy/rule_condition.cc \
	milter/policy/rule_drafts.cc milter/policy/rule_drafts.h \
	milter/policy/rule_lexer.cc milter/policy/rule_lexer.h \
	milter/policy/rule_literals.cc milter/policy/rule_literals.h \
	milter/policy/rule_parser.cc milter/policy/rule_syntax.h \
	milter/policy/rule_pattern.cc milter/policy/rule_pattern.h \
	milter/policy/rule_pictures.cc \
	milter/policy/rule_program.h \
	milter/policy/rule_run.cc milter/policy/rule_run.h \
	milter/policy/rules.cc milter/policy/rules.h \
	milter/policy/rules_file.cc \
	milter/policy/tables.h \
	milter/policy/verdict.cc milter/policy/verdict.h
