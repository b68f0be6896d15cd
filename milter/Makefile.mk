# The three programs.  Link order: highest layer first.
postern_low_libs = milter/bounce/libpostern_bounce.a milter/store/libpostern_store.a \
	milter/policy/libpostern_policy.a milter/mail/libpostern_mail.a \
	milter/conf/libpostern_conf.a milter/base/libpostern_base.a
postern_low_deps = $(HIREDIS_LIBS) $(PCRE2_LIBS) $(SODIUM_LIBS) $(TOMLPLUSPLUS_LIBS)

sbin_PROGRAMS += postern-milter
postern_milter_SOURCES = milter/postern-milter.cc
postern_milter_LDADD = milter/filter/libpostern_filter.a milter/judge/libpostern_judge.a \
	milter/inspect/libpostern_inspect.a $(postern_low_libs) $(MILTER_LIBS) $(PROMETHEUS_LIBS) $(postern_low_deps)

bin_PROGRAMS += postern
postern_SOURCES = milter/postern.cc
postern_LDADD = milter/cli/libpostern_cli.a milter/judge/libpostern_judge.a \
	milter/inspect/libpostern_inspect.a $(postern_low_libs) $(PNG_LIBS) $(postern_low_deps)

# postern-inspect: see inspect/Makefile.mk.
