if HAVE_CPPUNIT
check_PROGRAMS += test/unit/pdf_test
TESTS += test/unit/pdf_test
test_unit_pdf_test_CPPFLAGS = $(unit_cppflags) $(JPEG_CFLAGS) $(DEFLATE_CFLAGS)
test_unit_pdf_test_CXXFLAGS = $(light_cxxflags)
test_unit_pdf_test_SOURCES = test/unit/runner.cc \
	test/unit/pdf/fingerprint_test.cc test/unit/pdf/jpeg_test.cc test/unit/pdf/pdf_facts_test.cc \
	test/unit/pdf/pdf_text_test.cc test/unit/pdf/picture_content_test.cc test/unit/pdf/pixel_loops_test.cc \
	test/unit/pdf/poppler_stream_test.cc test/unit/pdf/stream_data_test.cc test/unit/pdf/text_player_test.cc \
	test/unit/pdf/thumbnail_test.cc
test_unit_pdf_test_LDADD = test/data/libtestdata.a milter/pdf/libpostern_pdf.a \
	milter/policy/libpostern_policy.a milter/base/libpostern_base.a \
	$(CPPUNIT_LIBS) $(POPPLER_LIBS) $(JPEG_LIBS) $(DEFLATE_LIBS) $(PCRE2_LIBS)
endif
