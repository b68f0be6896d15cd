EXTRA_DIST += contrib/install-packages contrib/quickstart contrib/run-tests contrib/tidy contrib/tsan-tests \
	contrib/tune-pdf-rules contrib/tune-rules \
	contrib/postern.service.in contrib/postfix-main.cf contrib/sendmail.mc \
	contrib/redis/redis.conf contrib/redis/users.acl contrib/rspamd/settings.conf contrib/spamassassin/postern.cf
dist_doc_DATA = README.md NEWS.md contrib/postfix-main.cf contrib/sendmail.mc
nodist_doc_DATA = contrib/postern.toml contrib/postern.service
CLEANFILES += contrib/postern.toml contrib/postern.service

contrib/postern.service: $(srcdir)/contrib/postern.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib && sed -e 's|@sbindir[@]|$(sbindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
		$(srcdir)/contrib/postern.service.in > $@-t && mv $@-t $@
