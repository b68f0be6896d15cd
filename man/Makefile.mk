# Manual pages.  Those with tables are made from the tables in the source.
noinst_PROGRAMS += man/mdoc-tables
man_mdoc_tables_SOURCES = man/mdoc-tables.cc
man_mdoc_tables_LDADD = milter/policy/libpostern_policy.a milter/conf/libpostern_conf.a \
	milter/base/libpostern_base.a $(PCRE2_LIBS) $(TOMLPLUSPLUS_LIBS)

made_mans = man/postern.toml.5 man/postern-rules.5
nodist_man_MANS = $(made_mans)
dist_man_MANS += man/postern-milter.8 man/postern.1 man/postern-inspect.8 man/postern-redis.5 man/postern-portal.8
EXTRA_DIST += man/networks.inc.mdoc man/postern.toml.5.in man/postern-rules.5.in
CLEANFILES += $(made_mans)

man/postern.toml.5: $(srcdir)/man/postern.toml.5.in $(srcdir)/man/networks.inc.mdoc man/mdoc-tables$(EXEEXT)
	$(AM_V_GEN)man/mdoc-tables$(EXEEXT) $(srcdir)/man/postern.toml.5.in > $@-t && mv $@-t $@

man/postern-rules.5: $(srcdir)/man/postern-rules.5.in man/mdoc-tables$(EXEEXT)
	$(AM_V_GEN)man/mdoc-tables$(EXEEXT) $(srcdir)/man/postern-rules.5.in > $@-t && mv $@-t $@

contrib/postern.toml: man/mdoc-tables$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) contrib && man/mdoc-tables$(EXEEXT) --sample > $@-t && mv $@-t $@

TESTS += test/unit/man_examples test/unit/manuals
EXTRA_DIST += test/unit/man_examples test/unit/manuals
