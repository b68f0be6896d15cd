// SPDX-License-Identifier: GPL-2.0-or-later
// How the daemon runs postern-inspect: nothing of its own reaches the worker but the channel, the window and
// standard error.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace postern {

// The descriptors where the worker finds its end of the channel, and the file of its RequestWindow.
inline constexpr int kWorkerChannel = 3, kWorkerWindow = 4;

// Starts the program that `program`, a descriptor, is open on, or else the one at `path`, with `memory` (bytes) as its
// argument.  `channel` and `window` become the descriptors above and must lie beyond them.  Gives 0 and the process in
// `pid`, or an errno value.
int spawn_worker(pid_t* pid, int program, const std::string& path, uint64_t memory, int channel, int window);

}  // namespace postern
