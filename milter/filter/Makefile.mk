noinst_LIBRARIES += milter/filter/libpostern_filter.a
milter_filter_libpostern_filter_a_SOURCES =
