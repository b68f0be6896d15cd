# pdf/: Poppler (poppler*.cc only), libjpeg-turbo (jpeg.cc only) and libdeflate (inflate.cc only).  Linked into postern-inspect, never the daemon.
noinst_LIBRARIES += milter/pdf/libpostern_pdf.a
milter_pdf_libpostern_pdf_a_CPPFLAGS = $(AM_CPPFLAGS) $(POPPLER_CFLAGS) $(JPEG_CFLAGS) $(DEFLATE_CFLAGS)
# Loops over pixels take most of the time of pictures.
milter_pdf_libpostern_pdf_a_CXXFLAGS = $(AM_CXXFLAGS) $(VECTOR_CXXFLAGS)
milter_pdf_libpostern_pdf_a_SOURCES = \
	milter/pdf/bytes.h milter/pdf/coverage.cc milter/pdf/coverage.h \
	milter/pdf/document.h milter/pdf/eight_bytes.h \
	milter/pdf/fingerprint.cc milter/pdf/fingerprint.h \
	milter/pdf/gatherer.cc milter/pdf/gatherer.h \
	milter/pdf/grid.cc milter/pdf/grid.h \
	milter/pdf/grey_picture.h \
	milter/pdf/jpeg.cc milter/pdf/jpeg.h \
	milter/pdf/inflate.cc milter/pdf/lzw.cc milter/pdf/predictor.cc milter/pdf/stream_data.h \
	milter/pdf/pdf.h milter/pdf/pdf_facts.cc \
	milter/pdf/pdf_text.cc milter/pdf/pdf_text.h \
	milter/pdf/content_operands.cc milter/pdf/content_operands.h \
	milter/pdf/content_operator.cc milter/pdf/content_operator.h milter/pdf/content_scanner.cc milter/pdf/content_scanner.h \
	milter/pdf/picture_content.cc milter/pdf/picture_content.h \
	milter/pdf/pixel_loops.cc milter/pdf/pixel_loops.h milter/pdf/lanes.inc milter/pdf/pixel_loops.inc \
	milter/pdf/poppler.cc milter/pdf/poppler.h milter/pdf/poppler_colours.cc \
	milter/pdf/poppler_device.cc milter/pdf/poppler_device.h milter/pdf/poppler_font.cc milter/pdf/poppler_font.h \
	milter/pdf/poppler_objects.cc milter/pdf/poppler_page.cc milter/pdf/poppler_picture.cc \
	milter/pdf/poppler_pictures.cc milter/pdf/poppler_sketch.cc milter/pdf/poppler_stage.cc milter/pdf/poppler_stream.cc \
	milter/pdf/raster.cc milter/pdf/raster.h \
	milter/pdf/text_player.cc milter/pdf/text_player.h \
	milter/pdf/thumbnail.cc milter/pdf/thumbnail.h
