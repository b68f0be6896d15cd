noinst_LIBRARIES += milter/judge/libpostern_judge.a
milter_judge_libpostern_judge_a_SOURCES =
