// SPDX-License-Identifier: GPL-2.0-or-later
// One setting as a row: how its text is checked and read into Settings, and written back.  For conf/ only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "conf/settings.h"

namespace postern {

struct SettingRow {
  std::string name;
  SettingType type = SettingType::kText;
  std::string default_text;
  std::string expected;  // completes "expected ..."
  bool reloadable = false;
  std::string help;
  std::function<bool(Settings&, std::string_view)> read;     // false: not what is expected; Settings unchanged
  std::function<std::string(const Settings&)> write;
};
const std::vector<SettingRow>& setting_rows();
std::vector<SettingRow> portal_rows();  // those of postern-portal

using TextCheck = bool (*)(std::string_view);
SettingRow text_row(std::string name, std::string Settings::*member, std::string default_text, TextCheck check,
                    std::string expected, bool reloadable, std::string help);
SettingRow flag_row(std::string name, bool Settings::*member, std::string default_text, bool reloadable,
                    std::string help);
SettingRow count_row(std::string name, uint64_t Settings::*member, std::string default_text, uint64_t min,
                     uint64_t max, bool reloadable, std::string help);
SettingRow bytes_row(std::string name, uint64_t Settings::*member, std::string default_text, uint64_t min,
                     uint64_t max, bool reloadable, std::string help);
SettingRow number_row(std::string name, double Settings::*member, std::string default_text, double min, double max,
                      bool reloadable, std::string help);
SettingRow duration_row(std::string name, Millis Settings::*member, std::string default_text, Millis min, Millis max,
                        bool reloadable, std::string help);

template <class E>
SettingRow choice_row(std::string name, E Settings::*member, std::vector<std::pair<std::string, E>> choices,
                      bool reloadable, std::string help) {
  SettingRow row{std::move(name), SettingType::kChoice, choices.front().first, "", reloadable, std::move(help), {}, {}};
  std::vector<std::string> names;
  for (const auto& choice : choices) names.push_back(choice.first);
  row.expected = join(names, " or ");
  row.read = [member, choices](Settings& settings, std::string_view text) {
    for (const auto& [spelling, value] : choices) {
      if (spelling != text) continue;
      settings.*member = value;
      return true;
    }
    return false;
  };
  row.write = [member, choices](const Settings& settings) {
    for (const auto& [spelling, value] : choices) {
      if (value == settings.*member) return spelling;
    }
    return std::string();
  };
  return row;
}

bool is_listen_address(std::string_view text);
bool is_reply_text(std::string_view text);
bool is_quarantine_template(std::string_view text);
bool is_archive_template(std::string_view text);
bool is_redis_url(std::string_view text);
bool is_path(std::string_view text);
bool is_node_name(std::string_view text);
bool is_log_target(std::string_view text);
bool is_metrics_address(std::string_view text);

// "16M", "64k", "1048576": bytes with binary suffixes k, M, G.
std::optional<uint64_t> parse_bytes(std::string_view text);

}  // namespace postern
