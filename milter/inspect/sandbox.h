// SPDX-License-Identifier: GPL-2.0-or-later
// Closes the jail around the calling process, for good: no files, no network, no new processes or threads, no new
// code in memory, limits on memory and processor time, death with its parent.  What remains is to read and write
// descriptor kJailChannel.  Needs no privileges; used by worker processes only, never by the daemon.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace postern {

inline constexpr int kJailChannel = 3;

struct JailLimits {
  uint64_t memory = 256 << 20;  // bytes of address space beyond what is mapped now (not under a sanitizer)
  uint64_t cpu_seconds = 900;   // of the whole process; a backstop, the parent keeps the time of each message
};

// Call with one thread only, after everything that reads files is done.  On failure the process must end: it may be
// half closed.  The error names the step.
//
// System calls that are neither needed nor answered with an error end the process with SIGSYS; those by which
// libraries merely look around (open, stat, ...) fail with EACCES.
Status enter_jail(const JailLimits& limits);

}  // namespace postern
