// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of postern-milter.  Reads options and hands them to the daemon; nothing else.
#pragma once

namespace postern {

// Gives the exit status: 0 good, 1 failed, 2 wrong usage.
int run_command(int argc, char** argv);

}  // namespace postern
