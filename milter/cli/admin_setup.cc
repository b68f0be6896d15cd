// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/admin_setup.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "base/strings.h"
#include "store/rows.h"
#include "store/store_options.h"

namespace postern {

Result<std::unique_ptr<Admin>> set_up_admin(const Settings& settings) {
  StoreOptions options = store_options(settings);
  options.node.clear();  // a command is no node
  return open_admin(options);
}

int complain(const Error& error) {
  for (const std::string_view line : split(error.text, '\n')) std::cerr << "postern: " << line << "\n";
  return 2;
}

std::string who_am_i() {
  const char* sudo = std::getenv("SUDO_USER");
  std::string name = sudo == nullptr ? "" : sudo;
  if (name.empty()) {
    const passwd* entry = ::getpwuid(::getuid());
    name = entry == nullptr ? "uid " + std::to_string(::getuid()) : entry->pw_name;
  }
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return printable(name + "@" + host.data());
}

Result<std::string> read_input(const std::string& path) {
  if (path != "-") return read_file(path);
  return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
}

std::string columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + '\n';
  }
  return out;
}

std::string age_words(int64_t seconds) {
  if (seconds < 120) return std::to_string(std::max<int64_t>(seconds, 0)) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " hours";
  return std::to_string(seconds / 86400) + " days";
}

}  // namespace postern
