noinst_LIBRARIES += milter/bounce/libpostern_bounce.a
milter_bounce_libpostern_bounce_a_SOURCES =
