# bounce/: the tracking ID of outbound mail, and whether a report answers mail of ours.
noinst_LIBRARIES += milter/bounce/libpostern_bounce.a
milter_bounce_libpostern_bounce_a_SOURCES = \
	milter/bounce/fields.h \
	milter/bounce/kind.cc \
	milter/bounce/stamp.cc milter/bounce/stamp.h \
	milter/bounce/tag.cc milter/bounce/tag.h \
	milter/bounce/track.cc milter/bounce/track.h \
	milter/bounce/verify.cc milter/bounce/verify.h
milter_bounce_libpostern_bounce_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
