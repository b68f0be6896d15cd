# Instructions a message, compared with what is recorded: a test, and `test/bench/instructions.py --record`.
check_PROGRAMS += test/bench/count_mail
test_bench_count_mail_SOURCES = test/bench/count_mail.cc test/bench/mail_file.h test/unit/judge/fakes.h
test_bench_count_mail_CPPFLAGS = $(AM_CPPFLAGS) -DPOSTERN_BENCH_FLAGS='"$(OPT_CXXFLAGS) $(CXXFLAGS)"' \
	-DPCRE2_CODE_UNIT_WIDTH=8 $(PCRE2_CFLAGS) $(SODIUM_CFLAGS)
test_bench_count_mail_LDADD = milter/judge/libpostern_judge.a milter/bounce/libpostern_bounce.a \
	milter/policy/libpostern_policy.a milter/conf/libpostern_conf.a $(inspect_libs) $(inspect_deps) \
	$(PCRE2_LIBS) $(SODIUM_LIBS) $(TOMLPLUSPLUS_LIBS)
EXTRA_DIST += test/bench/instructions.py test/bench/instructions.txt
TESTS += test/bench/instructions.py
