# Fuzz targets.  Each is one small file with LLVMFuzzerTestOneInput and a folder of inputs, test/fuzz/corpus/<name>.
# A plain build links replay.cc and `make check` replays the corpus; --enable-fuzzers (clang) links libFuzzer.
EXTRA_DIST += test/fuzz/replay.cc
include test/fuzz/mail.mk
include test/fuzz/policy.mk
include test/fuzz/bounce.mk
include test/fuzz/pdf.mk
include test/fuzz/inspect.mk
