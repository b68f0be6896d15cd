EXTRA_PROGRAMS += test/bench/bench-fingerprint
test_bench_bench_fingerprint_SOURCES = test/bench/bench-fingerprint.cc
test_bench_bench_fingerprint_LDADD = test/data/libtestdata.a milter/store/libpostern_store.a milter/pdf/libpostern_pdf.a \
	milter/policy/libpostern_policy.a milter/base/libpostern_base.a $(POPPLER_LIBS) $(JPEG_LIBS) $(DEFLATE_LIBS) $(PCRE2_LIBS) \
	$(HIREDIS_LIBS) $(SODIUM_LIBS)
EXTRA_DIST += test/bench/bomb_latency.py test/bench/pdf_spamassassin.py
EXTRA_PROGRAMS += test/bench/pdf_bench
test_bench_pdf_bench_SOURCES = test/bench/pdf_bench.cc test/bench/pdf_bare.cc test/bench/pdf_bare.h
test_bench_pdf_bench_CPPFLAGS = $(AM_CPPFLAGS) $(POPPLER_CFLAGS) $(JPEG_CFLAGS)
test_bench_pdf_bench_LDADD = milter/inspect/libpostern_inspect.a test/data/libtestdata.a milter/pdf/libpostern_pdf.a \
	milter/policy/libpostern_policy.a milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(POPPLER_LIBS) $(JPEG_LIBS) $(DEFLATE_LIBS) $(SECCOMP_LIBS) $(ZIP_LIBS) \
	$(PCRE2_LIBS)
