if HAVE_CPPUNIT
check_PROGRAMS += test/unit/mail_test
TESTS += test/unit/mail_test
test_unit_mail_test_SOURCES = test/unit/runner.cc test/unit/mail/decode_test.cc test/unit/mail/header_test.cc test/unit/mail/lines_test.cc \
	test/unit/mail/mime_test.cc test/unit/mail/report_test.cc
test_unit_mail_test_CPPFLAGS = $(unit_cppflags)
test_unit_mail_test_CXXFLAGS = $(light_cxxflags)
test_unit_mail_test_LDADD = milter/mail/libpostern_mail.a milter/base/libpostern_base.a $(CPPUNIT_LIBS)
endif
