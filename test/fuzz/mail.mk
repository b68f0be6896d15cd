# Targets of mail/: mime_fuzz, report_fuzz, quoted_fuzz.
check_PROGRAMS += test/fuzz/mime_fuzz test/fuzz/report_fuzz test/fuzz/quoted_fuzz
test_fuzz_mime_fuzz_SOURCES = test/fuzz/mime_fuzz.cc $(fuzz_main)
test_fuzz_mime_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_mime_fuzz_LDADD = milter/mail/libpostern_mail.a milter/base/libpostern_base.a
test_fuzz_report_fuzz_SOURCES = test/fuzz/report_fuzz.cc $(fuzz_main)
test_fuzz_report_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_report_fuzz_LDADD = milter/mail/libpostern_mail.a milter/base/libpostern_base.a
test_fuzz_quoted_fuzz_SOURCES = test/fuzz/quoted_fuzz.cc $(fuzz_main)
test_fuzz_quoted_fuzz_LDFLAGS = $(fuzz_ldflags)
test_fuzz_quoted_fuzz_LDADD = milter/mail/libpostern_mail.a milter/base/libpostern_base.a
if !FUZZERS
TESTS += test/fuzz/mime_fuzz test/fuzz/report_fuzz test/fuzz/quoted_fuzz
endif
EXTRA_DIST += \
	test/fuzz/corpus/mime/base64-multipart test/fuzz/corpus/mime/digest test/fuzz/corpus/mime/html-hidden \
	test/fuzz/corpus/mime/nested test/fuzz/corpus/mime/rfc2231 test/fuzz/corpus/mime/uuencode \
	test/fuzz/corpus/mime/wrong-boundary \
	test/fuzz/corpus/report/dsn-rfc822 test/fuzz/corpus/report/feedback test/fuzz/corpus/report/html-copy \
	test/fuzz/corpus/report/inlined-indented test/fuzz/corpus/report/inlined-qp test/fuzz/corpus/report/mdn \
	test/fuzz/corpus/report/qmail-like \
	test/fuzz/corpus/quoted/bar test/fuzz/corpus/quoted/indented test/fuzz/corpus/quoted/loose \
	test/fuzz/corpus/quoted/marked test/fuzz/corpus/quoted/plain
