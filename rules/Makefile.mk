# The rules that are built into the programs, installed as text for reading and as a start for one's own.
# Every file named here is embedded, in this order.
default_rules = rules/bounce.rules rules/message.rules rules/pdf.rules
rulesdir = $(pkgdatadir)/rules
dist_rules_DATA = $(default_rules)
EXTRA_DIST += rules/embed.awk rules/networks.sample

BUILT_SOURCES += milter/policy/default_rules_data.cc
CLEANFILES += milter/policy/default_rules_data.cc
nodist_milter_policy_libpostern_policy_a_SOURCES = milter/policy/default_rules_data.cc
milter/policy/default_rules_data.cc: $(default_rules) rules/embed.awk
	$(AM_V_GEN)$(MKDIR_P) milter/policy && \
	(cd $(srcdir) && LC_ALL=C $(AWK) -v source='rules/*.rules' -v folder=rules/ -v header=policy/default_rules.h \
		-v type=EmbeddedFile -v name=embedded_rules -f rules/embed.awk $(default_rules)) > $@.tmp && mv -f $@.tmp $@
