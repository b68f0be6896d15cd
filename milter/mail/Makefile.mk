noinst_LIBRARIES += milter/mail/libpostern_mail.a
milter_mail_libpostern_mail_a_SOURCES =
