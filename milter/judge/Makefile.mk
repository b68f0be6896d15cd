# judge/: session and transaction, from connect to the verdict, without libmilter.
noinst_LIBRARIES += milter/judge/libpostern_judge.a
milter_judge_libpostern_judge_a_SOURCES = milter/judge/body_filter.cc milter/judge/body_filter.h \
	milter/judge/edits.cc milter/judge/edits.h milter/judge/inspect_options.h milter/judge/judge.h \
	milter/judge/meter.h milter/judge/message_facts.cc milter/judge/message_facts.h milter/judge/message_log.cc \
	milter/judge/message_log.h milter/judge/session.cc milter/judge/session.h milter/judge/transaction.cc \
	milter/judge/transaction.h milter/judge/transaction_body.cc milter/judge/transaction_policy.cc
