// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon from start to end: settings, store, inspector, listening socket, libmilter's threads, signals, and an
// orderly stop.  SIGHUP reads the settings and the tables again.  SIGUSR2 starts the program that lies at our place now
// and hands it the socket; sessions of this process last until their MTA ends them, 10 minutes at most.  SIGTERM and
// SIGINT give the socket up at once, let messages in hand finish (10 s at most), write what is still to be recorded,
// and end with status 0.
#pragma once

#include <string>

#include "base/result.h"
#include "conf/settings.h"

namespace postern {

struct DaemonOptions {
  std::string config;    // postern.toml
  std::string listen;    // overrides the setting; empty: the setting holds
  std::string pid_file;  // written when ready, removed at the end; empty: none
  bool foreground = false;
};

// The settings that the options lead to.
Result<Settings> daemon_settings(const DaemonOptions& options);
// For -t: whether the daemon could start with this: settings, listen address, inspector program.
Status check_daemon(const DaemonOptions& options);
// Runs until told to stop.  Gives the exit status; what went wrong is on stderr.
int run_daemon(const DaemonOptions& options);

}  // namespace postern
