// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon sets up besides its own parts: the log, the PID file, a look at who else can read its secrets.
#pragma once

#include <string>

#include "base/result.h"
#include "conf/settings.h"

namespace postern {

// `target` is the setting `log`.
void open_daemon_log(const std::string& target, const char* program);
// Warns in the log of each file with a secret that others can read.
void warn_of_exposed_secrets(const std::string& config, const Settings& settings);
// Small stacks: libmilter starts a thread for each busy connection, and leaves a connection to itself whose thread it
// could not start; the usual 8 MiB of stack for each would make that likely where memory is short.  Few heaps, and what
// large messages took is given back.  Call before any thread starts.
void use_little_memory();
// Empty path: none is wanted.
Status write_pid_file(const std::string& path);

}  // namespace postern
