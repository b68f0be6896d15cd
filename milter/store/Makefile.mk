# store/: the shared state.  redis*.cc alone know hiredis.
noinst_LIBRARIES += milter/store/libpostern_store.a
milter_store_libpostern_store_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(HIREDIS_CFLAGS)
milter_store_libpostern_store_a_SOURCES = \
	milter/store/admin.cc milter/store/admin.h \
	milter/store/counters.cc milter/store/counters.h \
	milter/store/embedded_admin.cc milter/store/embedded_admin.h \
	milter/store/embedded_store.cc milter/store/embedded_store.h \
	milter/store/exposed.cc milter/store/exposed.h \
	milter/store/last_good.cc milter/store/last_good.h \
	milter/store/looking_store.cc milter/store/looking_store.h \
	milter/store/node_row.cc milter/store/node_row.h \
	milter/store/open_store.cc \
	milter/store/picture_index.cc milter/store/picture_index.h \
	milter/store/policy_cache.cc milter/store/policy_cache.h \
	milter/store/redis_admin.cc milter/store/redis_admin_apply.cc milter/store/redis_admin.h \
	milter/store/redis_connection.cc milter/store/redis_connection.h \
	milter/store/redis_pictures.cc milter/store/redis_pictures.h \
	milter/store/redis_policies.cc milter/store/redis_policies.h \
	milter/store/redis_pool.cc milter/store/redis_pool.h \
	milter/store/redis_reply.cc \
	milter/store/redis_reports.cc milter/store/redis_reports.h \
	milter/store/redis_sentinel.cc milter/store/redis_sentinel.h \
	milter/store/redis_snapshot.cc milter/store/redis_snapshot.h \
	milter/store/redis_store.cc milter/store/redis_store_watch.cc milter/store/redis_store.h \
	milter/store/redis_url.cc milter/store/redis_url.h \
	milter/store/redis_watch.cc milter/store/redis_watch.h \
	milter/store/redis_watch_pair.cc milter/store/redis_watch_pair.h \
	milter/store/redis_writer.cc milter/store/redis_writer.h \
	milter/store/refusals.cc milter/store/refusals.h \
	milter/store/rows.cc milter/store/rows.h \
	milter/store/state_files.cc milter/store/state_files.h \
	milter/store/store.h milter/store/store_options.h \
	milter/store/table_builder.cc milter/store/table_builder.h \
	milter/store/table_files.cc milter/store/table_files.h \
	milter/store/track_files.cc milter/store/track_files.h
