# portal/: postern-portal, pages over HTTP.  Optional: configure --enable-portal.
portal_templates = admin.tpl diff.tpl digest.tpl fault.tpl favicon.svg feed.tpl feeds.tpl layout.tpl login.tpl message.tpl policy.tpl quarantine.tpl \
	status.tpl style.css wizard.tpl
portal_template_files = $(portal_templates:%=milter/portal/templates/%)
EXTRA_DIST += $(portal_template_files)
# What reads hostile bytes, without any library: unit tests and fuzz targets link it by itself.
portal_pure_sources = milter/portal/http.cc milter/portal/http.h milter/portal/imap_reply.cc milter/portal/imap_reply.h \
	milter/portal/message_view.cc milter/portal/message_view.h milter/portal/rate_limit.cc milter/portal/rate_limit.h \
	milter/portal/user_name.cc milter/portal/user_name.h
portal_page_sources = milter/portal/admin_page.cc milter/portal/feed.cc milter/portal/feed.h \
	milter/portal/feed_document.cc milter/portal/feed_document.h milter/portal/feed_token.cc \
	milter/portal/feed_token.h milter/portal/feeds_page.cc milter/portal/login.cc milter/portal/page.cc milter/portal/page.h \
	milter/portal/pages.h milter/portal/policy_page.cc milter/portal/portal.cc milter/portal/portal.h \
	milter/portal/quarantine_page.cc milter/portal/status_page.cc milter/portal/templates.h milter/portal/wizard.cc
portal_sources = $(portal_pure_sources) $(portal_page_sources) milter/portal/chart.cc \
	milter/portal/command.cc milter/portal/command.h milter/portal/digest.cc milter/portal/digest.h \
	milter/portal/digest_mail.cc milter/portal/digest_mail.h milter/portal/history.cc milter/portal/history.h \
	milter/portal/http_server.cc milter/portal/http_server.h milter/portal/http_socket.cc milter/portal/http_socket.h \
	milter/portal/imap.cc milter/portal/imap.h milter/portal/imap_master.cc milter/portal/imap_master.h \
	milter/portal/sessions.cc milter/portal/sessions.h
if PORTAL
noinst_LIBRARIES += milter/portal/libpostern_portal.a
milter_portal_libpostern_portal_a_SOURCES = $(portal_sources)
milter_portal_libpostern_portal_a_CPPFLAGS = $(AM_CPPFLAGS) $(PORTAL_CFLAGS)
milter_portal_libpostern_portal_a_CXXFLAGS = $(light_cxxflags)
nodist_milter_portal_libpostern_portal_a_SOURCES = milter/portal/templates_data.cc
BUILT_SOURCES += milter/portal/templates_data.cc
CLEANFILES += milter/portal/templates_data.cc
milter/portal/templates_data.cc: $(portal_template_files) rules/embed.awk
	$(AM_V_GEN)$(MKDIR_P) milter/portal && \
	(cd $(srcdir) && LC_ALL=C $(AWK) -v source=milter/portal/templates -v header=portal/templates.h \
		-v type=EmbeddedPage -v name=embedded_pages -f rules/embed.awk $(portal_template_files)) > $@.tmp && \
	mv -f $@.tmp $@

sbin_PROGRAMS += postern-portal
postern_portal_SOURCES = milter/postern-portal.cc
postern_portal_LDADD = milter/portal/libpostern_portal.a milter/cli/libpostern_cli.a milter/filter/libpostern_filter.a \
	$(postern_low_libs) $(PORTAL_LIBS) $(postern_low_deps)
endif
