# The generator of test messages: a library for tests and benchmarks, and a program.
noinst_LIBRARIES += test/data/libtestdata.a
test_data_libtestdata_a_CPPFLAGS = $(AM_CPPFLAGS) $(JPEG_CFLAGS)
test_data_libtestdata_a_SOURCES = \
	test/data/bounce.cc \
	test/data/codec.cc test/data/codec.h \
	test/data/documents.h test/data/honest_documents.cc test/data/spam_documents.cc \
	test/data/hostile.cc test/data/hostile.h \
	test/data/font.cc test/data/font.h \
	test/data/mail.cc test/data/mail.h \
	test/data/messages.cc test/data/messages.h \
	test/data/pdf_writer.cc test/data/pdf_writer.h \
	test/data/picture.cc test/data/picture.h \
	test/data/random.h
noinst_PROGRAMS += test/data/postern-testdata
test_data_postern_testdata_SOURCES = test/data/postern-testdata.cc
test_data_postern_testdata_LDADD = test/data/libtestdata.a $(JPEG_LIBS)
