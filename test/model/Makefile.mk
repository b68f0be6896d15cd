# The protocol between a node and Redis as a model for spin; skipped (77) where spin is missing.
TESTS += test/model/check.sh
EXTRA_DIST += test/model/check.sh test/model/follow.pml
