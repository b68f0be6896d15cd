EXTRA_DIST += contrib/install-packages contrib/quickstart contrib/run-tests contrib/tidy contrib/tsan-tests
