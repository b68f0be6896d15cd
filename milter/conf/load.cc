// SPDX-License-Identifier: GPL-2.0-or-later
// Reads postern.toml.  The file format is toml++'s; each value is then checked by its row.
#include <fstream>
#include <iterator>
#include <sstream>

#include <toml++/toml.h>

#include "base/strings.h"
#include "conf/rows.h"

namespace postern {
namespace {

std::string place(std::string_view path, const toml::source_region& region) {
  return std::string(path) + ":" + std::to_string(region.begin.line);
}

// The value as the text that rows read; nothing for arrays, tables and dates.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) {
    std::ostringstream out;
    out << number->get();
    return out.str();
  }
  return std::nullopt;
}

std::string known_names() {
  std::vector<std::string> names;
  for (const SettingRow& row : setting_rows()) names.push_back(row.name);
  return join(names, ", ");
}

Status apply(Settings& settings, std::string_view path, std::string_view name, const toml::node& node) {
  const std::string where = place(path, node.source());
  for (const SettingRow& row : setting_rows()) {
    if (row.name != name) continue;
    const auto text = text_of(node);
    if (text && row.read(settings, *text)) return Nothing{};
    // What stands in the place of a URL may hold a password all the same.
    const bool shown = text && row.name != "redis";
    return invalid(where + ": " + row.name + ": expected " + row.expected +
                   (shown ? ", not \"" + printable(*text, 80) + "\"" : ""));
  }
  return invalid(where + ": \"" + printable(name, 80) + "\" is not a setting; expected one of " + known_names());
}

Status check_together(const Settings& settings, std::string_view path) {
  if (settings.surespam_score < settings.spam_score) {
    return invalid(std::string(path) + ": surespam-score (" + setting_text(settings, "surespam-score") +
                   ") must not be below spam-score (" + setting_text(settings, "spam-score") + ")");
  }
  return Nothing{};
}

}  // namespace

Result<Settings> parse_settings(std::string_view path, std::string_view text) {
  Settings settings = default_settings();
  try {
    const toml::table table = toml::parse(text, path);
    for (const auto& [name, node] : table) {
      if (auto status = apply(settings, path, name.str(), node); !status) return status.error();
    }
  } catch (const toml::parse_error& fault) {
    return invalid(place(path, fault.source()) + ": " + std::string(fault.description()));
  }
  if (auto status = check_together(settings, path); !status) return status.error();
  return settings;
}

Result<Settings> load_settings(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return not_found(path + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return parse_settings(path, text);
}

}  // namespace postern
