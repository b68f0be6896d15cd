noinst_LIBRARIES += milter/policy/libpostern_policy.a
policy_networks_sources = \
	milter/policy/networks.cc milter/policy/networks.h \
	milter/policy/networks_index.cc milter/policy/networks_index.h \
	milter/policy/networks_parse.cc \
	milter/policy/networks_row.cc
milter_policy_libpostern_policy_a_SOURCES = $(policy_networks_sources)
