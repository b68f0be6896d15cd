noinst_LIBRARIES += milter/policy/libpostern_policy.a
milter_policy_libpostern_policy_a_SOURCES =
