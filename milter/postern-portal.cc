// SPDX-License-Identifier: GPL-2.0-or-later
// The pages for those who would rather look than type; see postern-portal(8).
#include <exception>
#include <iostream>

#include "portal/command.h"

int main(int argc, char** argv) {
  try {
    return postern::run_portal(argc, argv);
  } catch (const std::exception& fault) {
    std::cerr << "postern-portal: " << fault.what() << "\n";
    return 1;
  }
}
