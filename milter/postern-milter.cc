// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon that the MTA talks to; see postern-milter(8).
#include <exception>
#include <iostream>

#include "filter/command.h"

int main(int argc, char** argv) {
  try {
    return postern::run_command(argc, argv);
  } catch (const std::exception& fault) {
    std::cerr << "postern-milter: " << fault.what() << "\n";
    return 1;
  }
}
