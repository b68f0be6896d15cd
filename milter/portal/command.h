// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of postern-portal: reads it, starts everything, serves until it is told to stop.
#pragma once

namespace postern {

int run_portal(int argc, char** argv);

}  // namespace postern
