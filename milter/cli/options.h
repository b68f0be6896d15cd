// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of `postern`: reads it, loads the settings, calls the subcommand.
#pragma once

namespace postern {

// Exit status: 0 good, 1 the answer is "no" (FAIL, not clean, lagging), 2 an error.
int run_postern(int argc, char** argv);

}  // namespace postern
