// SPDX-License-Identifier: GPL-2.0-or-later
// Where our programs are, and how a file's mode is written.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

namespace postern {

// The program `name` beside the one that runs, as in a build tree, else `installed`, where `make install` puts it.
std::string find_program(std::string_view name, std::string_view installed);
// "0640", as chmod(1) takes it.
std::string mode_text(mode_t mode);

}  // namespace postern
