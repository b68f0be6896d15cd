// SPDX-License-Identifier: GPL-2.0-or-later
// Files that hold secrets and that others can read.
#pragma once

#include <string>
#include <vector>

#include "conf/settings.h"

namespace postern {

// What to mend, one sentence for each file with the command that mends it: the signing keys, the copy of Redis' tables
// with them, and the settings where they hold a password.  A group may read the settings, nobody else.  Mail goes on
// all the same: refused keys would make every true bounce look forged.
std::vector<std::string> exposed_secrets(const std::string& config_path, const Settings& settings);

}  // namespace postern
