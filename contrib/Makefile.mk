livearchive = contrib/livearchive/dovecot.conf.in contrib/livearchive/expire contrib/livearchive/logrotate.in \
	contrib/livearchive/postern-livearchive-expire.service.in contrib/livearchive/postern-livearchive-expire.timer.in \
	contrib/livearchive/postern-livearchive.service.in contrib/livearchive/sender_login_maps contrib/livearchive/setup \
	contrib/livearchive/tmpfiles.conf.in \
	contrib/livearchive/user contrib/livearchive/webmail/config.inc.php.in contrib/livearchive/webmail/nginx.conf.in \
	contrib/livearchive/webmail/php-fpm.conf.in contrib/livearchive/webmail/postern_client.php \
	contrib/livearchive/webmail/prepend.php.in
EXTRA_DIST += contrib/build-deb contrib/cppcheck contrib/install-packages contrib/quickstart contrib/run-tests contrib/tidy \
	contrib/tsan-tests contrib/tune-pdf-rules contrib/tune-rules \
	contrib/postern.service.in contrib/postern-portal.service.in contrib/postern-digest.service.in contrib/postern-digest.timer contrib/tmpfiles.conf contrib/rsyslog.conf contrib/logrotate.conf \
	contrib/postfix/main.cf contrib/postfix/master.cf contrib/sendmail/postern.mc \
	contrib/debian/changelog.in contrib/debian/control.in contrib/debian/copyright contrib/debian/not-installed \
	contrib/debian/postern-portal.install contrib/debian/postern-portal.postinst contrib/debian/postern-portal.postrm \
	contrib/debian/postern-portal.sysusers contrib/debian/postern.README.Debian contrib/debian/postern.dirs contrib/debian/postern.examples contrib/debian/postern.install \
	contrib/debian/postern.postinst contrib/debian/postern.postrm contrib/debian/postern.sysusers \
	contrib/debian/rules contrib/debian/source/format \
	$(livearchive) contrib/dovecot/portal.conf contrib/dovecot/quarantine.conf contrib/redis/redis.conf contrib/redis/stunnel.conf contrib/redis/users.acl contrib/rspamd/settings.conf \
	contrib/prometheus/scrape.yml contrib/grafana/postern.json contrib/spamassassin/postern.cf
dist_doc_DATA = README.md NEWS.md contrib/postfix/main.cf contrib/postfix/master.cf contrib/sendmail/postern.mc
nodist_doc_DATA = contrib/postern.toml contrib/postern.service
CLEANFILES += contrib/postern.toml contrib/postern.service contrib/postern-portal.service contrib/postern-digest.service
if PORTAL
dist_doc_DATA += contrib/portal.toml contrib/postern-digest.timer
nodist_doc_DATA += contrib/postern-portal.service contrib/postern-digest.service
endif

service_in = $(AM_V_GEN)$(MKDIR_P) contrib && sed -e 's|@sbindir[@]|$(sbindir)|' -e 's|@bindir[@]|$(bindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|'

contrib/postern.service: $(srcdir)/contrib/postern.service.in Makefile
	$(service_in) $(srcdir)/contrib/postern.service.in > $@-t && mv $@-t $@

contrib/postern-portal.service: $(srcdir)/contrib/postern-portal.service.in Makefile
	$(service_in) $(srcdir)/contrib/postern-portal.service.in > $@-t && mv $@-t $@

contrib/postern-digest.service: $(srcdir)/contrib/postern-digest.service.in Makefile
	$(service_in) $(srcdir)/contrib/postern-digest.service.in > $@-t && mv $@-t $@
