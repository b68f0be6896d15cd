// SPDX-License-Identifier: GPL-2.0-or-later
// How the daemon runs postern-inspect: nothing of its own reaches the worker but the channel and standard error.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace postern {

inline constexpr int kWorkerChannel = 3;  // the descriptor where the worker finds its end of the channel

// Starts the program that `program`, a descriptor, is open on, or else the one at `path`, with `memory` (bytes) as its
// argument.  Gives 0 and the process in `pid`, or an errno value.
int spawn_worker(pid_t* pid, int program, const std::string& path, uint64_t memory, int channel);

}  // namespace postern
