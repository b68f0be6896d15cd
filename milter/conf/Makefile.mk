# conf/: the table of settings and the reader of postern.toml.
noinst_LIBRARIES += milter/conf/libpostern_conf.a
milter_conf_libpostern_conf_a_SOURCES = milter/conf/load.cc milter/conf/rows.cc milter/conf/rows.h milter/conf/portal_rows.cc \
	milter/conf/sample.cc milter/conf/sample.h milter/conf/settings.cc milter/conf/settings.h
milter_conf_libpostern_conf_a_CPPFLAGS = $(AM_CPPFLAGS) $(TOMLPLUSPLUS_CFLAGS)
