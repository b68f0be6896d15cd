# filter/: the only home of libmilter.  Callbacks in, Session and Transaction do the work, actions out; and the daemon.
noinst_LIBRARIES += milter/filter/libpostern_filter.a
milter_filter_libpostern_filter_a_SOURCES = \
	milter/filter/actions.cc milter/filter/actions.h \
	milter/filter/callbacks.cc milter/filter/callbacks.h \
	milter/filter/command.cc milter/filter/command.h \
	milter/filter/connection.cc milter/filter/connection.h \
	milter/filter/daemon.cc milter/filter/daemon.h \
	milter/filter/detach.cc milter/filter/detach.h \
	milter/filter/inherited.cc milter/filter/inherited.h \
	milter/filter/listen_address.cc milter/filter/listen_address.h \
	milter/filter/listener.cc milter/filter/listener.h \
	milter/filter/metrics.cc milter/filter/metrics.h \
	milter/filter/metrics_server.cc milter/filter/metrics_server.h \
	milter/filter/metrics_state.cc \
	milter/filter/negotiate.cc milter/filter/negotiate.h \
	milter/filter/notify.cc milter/filter/notify.h \
	milter/filter/signals.cc milter/filter/signals.h \
	milter/filter/startup.cc milter/filter/startup.h \
	milter/filter/successor.cc milter/filter/successor.h
