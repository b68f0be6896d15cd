# Targets of pdf/: pdf_fuzz, pdf_text_fuzz, jpeg_fuzz, stream_data_fuzz.
check_PROGRAMS += test/fuzz/pdf_fuzz test/fuzz/pdf_text_fuzz test/fuzz/jpeg_fuzz test/fuzz/stream_data_fuzz
pdf_fuzz_libs = milter/pdf/libpostern_pdf.a milter/base/libpostern_base.a $(POPPLER_LIBS) $(JPEG_LIBS) \
	$(DEFLATE_LIBS)
test_fuzz_pdf_fuzz_SOURCES = test/fuzz/pdf_fuzz.cc $(fuzz_main)
test_fuzz_pdf_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_pdf_fuzz_LDADD = $(pdf_fuzz_libs)
test_fuzz_pdf_text_fuzz_SOURCES = test/fuzz/pdf_text_fuzz.cc $(fuzz_main)
test_fuzz_pdf_text_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_pdf_text_fuzz_LDADD = $(pdf_fuzz_libs)
test_fuzz_jpeg_fuzz_SOURCES = test/fuzz/jpeg_fuzz.cc $(fuzz_main)
test_fuzz_jpeg_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_jpeg_fuzz_LDADD = $(pdf_fuzz_libs)
test_fuzz_stream_data_fuzz_SOURCES = test/fuzz/stream_data_fuzz.cc $(fuzz_main)
test_fuzz_stream_data_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_stream_data_fuzz_LDADD = $(pdf_fuzz_libs)
if !FUZZERS
TESTS += test/fuzz/pdf_fuzz test/fuzz/pdf_text_fuzz test/fuzz/jpeg_fuzz test/fuzz/stream_data_fuzz
endif
EXTRA_DIST += test/fuzz/corpus/pdf/ascii85 test/fuzz/corpus/pdf/bilevel test/fuzz/corpus/pdf/ccitt \
	test/fuzz/corpus/pdf/dct test/fuzz/corpus/pdf/encrypted test/fuzz/corpus/pdf/endless-inline-image \
	test/fuzz/corpus/pdf/form-bomb test/fuzz/corpus/pdf/form-loop test/fuzz/corpus/pdf/header-at-1024 \
	test/fuzz/corpus/pdf/huge-jbig2 \
	test/fuzz/corpus/pdf/huge-jpx test/fuzz/corpus/pdf/lzw test/fuzz/corpus/pdf/name-tree-loop test/fuzz/corpus/pdf/nine-bits \
	test/fuzz/corpus/pdf/later-pages test/fuzz/corpus/pdf/object-stream-loop test/fuzz/corpus/pdf/page-tree-loop test/fuzz/corpus/pdf/script \
	test/fuzz/corpus/pdf/stencil test/fuzz/corpus/pdf/table-loop test/fuzz/corpus/pdf/tiling-bomb \
	test/fuzz/corpus/pdf_text/content test/fuzz/corpus/pdf_text/inline-picture \
	test/fuzz/corpus/pdf_text/jbig2 test/fuzz/corpus/pdf_text/jpx test/fuzz/corpus/pdf_text/latin1 \
	test/fuzz/corpus/pdf_text/plain-text test/fuzz/corpus/pdf_text/random test/fuzz/corpus/pdf_text/utf16 \
	test/fuzz/corpus/pdf_text/xmp \
	test/fuzz/corpus/stream_data/cut test/fuzz/corpus/stream_data/lzw test/fuzz/corpus/stream_data/lzw-bad \
	test/fuzz/corpus/stream_data/lzw-late test/fuzz/corpus/stream_data/plain test/fuzz/corpus/stream_data/png \
	test/fuzz/corpus/stream_data/png-short test/fuzz/corpus/stream_data/stored \
	test/fuzz/corpus/stream_data/tiff test/fuzz/corpus/stream_data/zeros \
	test/fuzz/corpus/jpeg/colour test/fuzz/corpus/jpeg/cut test/fuzz/corpus/jpeg/giant test/fuzz/corpus/jpeg/grey \
	test/fuzz/corpus/jpeg/photograph test/fuzz/corpus/jpeg/progressive test/fuzz/corpus/jpeg/tall-band
