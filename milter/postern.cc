// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator's command.
#include "cli/options.h"

int main(int argc, char** argv) { return postern::run_postern(argc, argv); }
