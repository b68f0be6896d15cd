// SPDX-License-Identifier: GPL-2.0-or-later
// Arguments and variables in the form in which posix_spawn(3) takes them.
#pragma once

#include <string>
#include <vector>

namespace postern {

// A pointer to each text, and a null pointer at the end.  They count as long as `texts` is neither changed nor moved.
inline std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace postern
