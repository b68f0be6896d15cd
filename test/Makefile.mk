include test/data/Makefile.mk
include test/unit/Makefile.mk
include test/fuzz/Makefile.mk
include test/bench/Makefile.mk
include test/system/Makefile.mk
include test/model/Makefile.mk
if HARDENED
hardened = yes
else
hardened = no
endif
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)' POSTERN_HARDENED='$(hardened)'; \
	export top_srcdir top_builddir POSTERN_HARDENED;
