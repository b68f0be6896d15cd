noinst_LIBRARIES += milter/inspect/libpostern_inspect.a
milter_inspect_libpostern_inspect_a_SOURCES =
