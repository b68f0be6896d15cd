EXTRA_PROGRAMS += test/bench/bench-fingerprint
test_bench_bench_fingerprint_SOURCES = test/bench/bench-fingerprint.cc
test_bench_bench_fingerprint_LDADD = test/data/libtestdata.a milter/pdf/libpostern_pdf.a \
	milter/base/libpostern_base.a $(POPPLER_LIBS) $(JPEG_LIBS)
