// SPDX-License-Identifier: GPL-2.0-or-later
// A settings file that explains itself: every setting with its help and what is expected, out of the settings table.
#pragma once

#include <map>
#include <string>

namespace postern {

// `chosen`: name -> value as it would stand in postern.toml (quotes included).  What is not chosen shows its default
// behind a #.
std::string sample_settings(const std::map<std::string, std::string>& chosen);

}  // namespace postern
