// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/files.h"

#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>

namespace postern {

std::string find_program(std::string_view name, std::string_view installed) {
  std::string self(PATH_MAX, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  if (size > 0) {
    self.resize(static_cast<size_t>(size));
    const std::string beside = self.substr(0, self.rfind('/') + 1).append(name);
    if (::access(beside.c_str(), X_OK) == 0) return beside;
  }
  return std::string(installed);
}

std::string mode_text(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

}  // namespace postern
