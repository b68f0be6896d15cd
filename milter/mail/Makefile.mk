# mail/: addresses, header fields, MIME, delivery reports, subjects.  Pure parsing: text in, values out.
noinst_LIBRARIES += milter/mail/libpostern_mail.a
milter_mail_libpostern_mail_a_SOURCES = \
	milter/mail/address.cc milter/mail/address.h \
	milter/mail/charset.cc milter/mail/charset.h \
	milter/mail/content_type.cc milter/mail/content_type.h \
	milter/mail/decode.cc milter/mail/decode.h \
	milter/mail/encode.cc milter/mail/encode.h \
	milter/mail/header.cc milter/mail/header.h \
	milter/mail/html.cc milter/mail/html.h \
	milter/mail/html_tag.cc milter/mail/html_tag.h \
	milter/mail/lines.h \
	milter/mail/mime.cc milter/mail/mime.h \
	milter/mail/mime_cut.cc milter/mail/mime_cut.h \
	milter/mail/quoted.cc milter/mail/quoted.h \
	milter/mail/report.cc milter/mail/report.h \
	milter/mail/subject.cc milter/mail/subject.h
