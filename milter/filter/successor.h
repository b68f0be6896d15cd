// SPDX-License-Identifier: GPL-2.0-or-later
// Starts the daemon that takes this one's place, handing it the listening socket: connections wait in the socket's
// queue or are taken by one of the two, and none is refused.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace postern {

// The file that this process runs, found at start: after an upgrade the new program lies there.
std::string own_program();

// Runs `program` with these arguments (its name not among them) and the listening socket, and waits until it serves.
// `meanwhile` is called several times a second.  Gives its process ID.  An error: it could not be run, ended, or was
// not ready in time and has been killed.
Result<pid_t> start_successor(const std::string& program, const std::vector<std::string>& arguments, int listening,
                              Millis limit, const std::function<void()>& meanwhile);

}  // namespace postern
