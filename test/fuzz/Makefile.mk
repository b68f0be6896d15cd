# Fuzz targets.  Each is one small file with LLVMFuzzerTestOneInput and a folder of inputs, test/fuzz/corpus/<name>.
# A plain build links replay.cc and `make check` replays the corpus; --enable-fuzzers (clang) links libFuzzer.
# A target NAME_fuzz replays test/fuzz/corpus/NAME when it is started without arguments.
EXTRA_DIST += test/fuzz/replay.cc test/fuzz/demand.h
if FUZZERS
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = test/fuzz/replay.cc
fuzz_ldflags = $(AM_LDFLAGS)
endif
include test/fuzz/mail.mk
include test/fuzz/policy.mk
include test/fuzz/bounce.mk
include test/fuzz/pdf.mk
include test/fuzz/inspect.mk
include test/fuzz/judge.mk
include test/fuzz/portal.mk
