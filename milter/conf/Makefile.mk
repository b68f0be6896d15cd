noinst_LIBRARIES += milter/conf/libpostern_conf.a
milter_conf_libpostern_conf_a_SOURCES =
