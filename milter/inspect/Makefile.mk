# inspect/: the jail.  Two libraries: the daemon's side (record, pool) and the jailed side (sandbox, worker, examine).
# Only the second needs Poppler, libjpeg, libdeflate, libzip and libseccomp.
noinst_LIBRARIES += milter/inspect/libpostern_inspect.a milter/inspect/libpostern_worker.a
milter_inspect_libpostern_inspect_a_SOURCES = \
	milter/inspect/inspector.h \
	milter/inspect/nursery.cc milter/inspect/nursery.h \
	milter/inspect/pool.cc milter/inspect/pool.h \
	milter/inspect/record.cc milter/inspect/record.h \
	milter/inspect/window.cc milter/inspect/window.h \
	milter/inspect/worker_process.cc milter/inspect/worker_process.h \
	milter/inspect/worker_spawn.cc milter/inspect/worker_spawn.h
milter_inspect_libpostern_worker_a_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS) $(ZIP_CFLAGS)
milter_inspect_libpostern_worker_a_SOURCES = \
	milter/inspect/archive.cc milter/inspect/archive.h \
	milter/inspect/examine.cc milter/inspect/examine.h \
	milter/inspect/sandbox.cc milter/inspect/sandbox.h \
	milter/inspect/sniff.cc milter/inspect/sniff.h \
	milter/inspect/visible_text.cc milter/inspect/visible_text.h \
	milter/inspect/worker.cc milter/inspect/worker.h

libexec_PROGRAMS += postern-inspect
postern_inspect_SOURCES = milter/postern-inspect.cc
inspect_libs = milter/inspect/libpostern_worker.a milter/inspect/libpostern_inspect.a milter/pdf/libpostern_pdf.a \
	milter/mail/libpostern_mail.a milter/base/libpostern_base.a
inspect_deps = $(POPPLER_LIBS) $(JPEG_LIBS) $(DEFLATE_LIBS) $(ZIP_LIBS) $(SECCOMP_LIBS)
postern_inspect_LDADD = $(inspect_libs) $(inspect_deps)
