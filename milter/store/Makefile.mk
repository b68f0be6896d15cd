noinst_LIBRARIES += milter/store/libpostern_store.a
milter_store_libpostern_store_a_SOURCES = \
	milter/store/admin.h \
	milter/store/store.h
