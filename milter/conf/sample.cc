// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/sample.h"

#include "base/strings.h"
#include "conf/settings.h"

namespace postern {
namespace {

constexpr size_t kWidth = 100;

std::string comment(std::string_view text) {
  std::string out;
  std::string line = "#";
  for (const std::string_view word : words(text)) {
    if (line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line = "#";
    }
    line += " " + std::string(word);
  }
  return out + line + "\n";
}

}  // namespace

std::string sample_settings(const std::map<std::string, std::string>& chosen) {
  std::string out =
      "# Settings of Postern, see postern.toml(5).  Every setting has a default, shown here behind a #.\n";
  for (const SettingInfo& row : setting_table()) {
    out += "\n" + comment(row.help) + comment("Expected: " + std::string(row.expected));
    const std::string name(row.name);
    if (const auto value = chosen.find(name); value != chosen.end()) {
      out += name + " = " + value->second + "\n";
    } else {
      out += "#" + name + " = ";
      out += (name == "node" ? "\"mx1.example.com\"" : setting_text(default_settings(), name)) + "\n";
    }
  }
  return out;
}

}  // namespace postern
