// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/rows.h"

#include <array>
#include <cstdio>

#include "base/ip.h"

namespace postern {
namespace {

std::string number_text(double value) {
  std::array<char, 64> buffer{};
  const int used = std::snprintf(buffer.data(), buffer.size(), "%g", value);
  std::string text(buffer.data(), static_cast<size_t>(used > 0 ? used : 0));
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string bytes_text(uint64_t value) {
  constexpr std::array<std::pair<int, char>, 3> kUnits{{{30, 'G'}, {20, 'M'}, {10, 'k'}}};
  for (const auto& [shift, letter] : kUnits) {
    if (value != 0 && value % (1ULL << shift) == 0) return std::to_string(value >> shift) + letter;
  }
  return std::to_string(value);
}

bool in_list(char c, std::string_view more) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
}

bool all_in(std::string_view text, std::string_view more) {
  for (const char c : text) {
    if (!in_list(c, more)) return false;
  }
  return true;
}

}  // namespace

std::optional<uint64_t> parse_bytes(std::string_view text) {
  if (text.empty()) return std::nullopt;
  unsigned shift = 0;
  switch (lower(text.back())) {
    case 'k': shift = 10; break;
    case 'm': shift = 20; break;
    case 'g': shift = 30; break;
    default: break;
  }
  if (shift != 0) text.remove_suffix(1);
  const auto value = to_uint(text, 1ULL << 33);
  if (!value) return std::nullopt;
  return *value << shift;
}

SettingRow text_row(std::string name, std::string Settings::*member, std::string default_text, TextCheck check,
                    std::string expected, bool reloadable, std::string help) {
  return {std::move(name), SettingType::kText, std::move(default_text), std::move(expected), reloadable,
          std::move(help),
          [member, check](Settings& settings, std::string_view text) {
            if (!check(text)) return false;
            settings.*member = text;
            return true;
          },
          [member](const Settings& settings) { return settings.*member; }};
}

SettingRow flag_row(std::string name, bool Settings::*member, std::string default_text, bool reloadable,
                    std::string help) {
  return {std::move(name), SettingType::kFlag, std::move(default_text), "true or false", reloadable, std::move(help),
          [member](Settings& settings, std::string_view text) {
            if (text != "true" && text != "false") return false;
            settings.*member = text == "true";
            return true;
          },
          [member](const Settings& settings) { return std::string(settings.*member ? "true" : "false"); }};
}

SettingRow count_row(std::string name, uint64_t Settings::*member, std::string default_text, uint64_t min,
                     uint64_t max, bool reloadable, std::string help) {
  return {std::move(name), SettingType::kCount, std::move(default_text),
          "a whole number from " + std::to_string(min) + " to " + std::to_string(max), reloadable, std::move(help),
          [member, min, max](Settings& settings, std::string_view text) {
            const auto value = to_uint(text, max);
            if (!value || *value < min) return false;
            settings.*member = *value;
            return true;
          },
          [member](const Settings& settings) { return std::to_string(settings.*member); }};
}

SettingRow bytes_row(std::string name, uint64_t Settings::*member, std::string default_text, uint64_t min,
                     uint64_t max, bool reloadable, std::string help) {
  return {std::move(name), SettingType::kBytes, std::move(default_text),
          "a size from \"" + bytes_text(min) + "\" to \"" + bytes_text(max) + "\"", reloadable, std::move(help),
          [member, min, max](Settings& settings, std::string_view text) {
            const auto value = parse_bytes(text);
            if (!value || *value < min || *value > max) return false;
            settings.*member = *value;
            return true;
          },
          [member](const Settings& settings) { return bytes_text(settings.*member); }};
}

SettingRow number_row(std::string name, double Settings::*member, std::string default_text, double min, double max,
                      bool reloadable, std::string help) {
  return {std::move(name), SettingType::kNumber, std::move(default_text),
          "a number from " + number_text(min) + " to " + number_text(max), reloadable, std::move(help),
          [member, min, max](Settings& settings, std::string_view text) {
            const auto value = to_double(text);
            if (!value || *value < min || *value > max) return false;
            settings.*member = *value;
            return true;
          },
          [member](const Settings& settings) { return number_text(settings.*member); }};
}

SettingRow duration_row(std::string name, Millis Settings::*member, std::string default_text, Millis min, Millis max,
                        bool reloadable, std::string help) {
  return {std::move(name), SettingType::kDuration, std::move(default_text),
          "a duration from \"" + to_string(min) + "\" to \"" + to_string(max) + "\"", reloadable, std::move(help),
          [member, min, max](Settings& settings, std::string_view text) {
            const auto value = parse_duration(text);
            if (!value || *value < min || *value > max) return false;
            settings.*member = *value;
            return true;
          },
          [member](const Settings& settings) { return to_string(settings.*member); }};
}

bool is_listen_address(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view scheme = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  if (scheme == "unix" || scheme == "local") return !rest.empty() && rest.size() < 100;
  if (scheme != "inet" && scheme != "inet6") return false;
  const auto port = to_uint(rest.substr(0, rest.find('@')), 65535);
  return port && *port > 0;
}

// Counts are nobody's business beyond this host: only loopback addresses and socket files.
bool is_metrics_address(std::string_view text) {
  if (text.empty()) return true;
  if (!is_listen_address(text)) return false;
  if (text.starts_with("unix:") || text.starts_with("local:")) return true;
  const size_t at = text.find('@');
  if (at == std::string_view::npos) return false;
  const auto address = parse_ip(text.substr(at + 1));
  return address && address->is_loopback() && address->is_ipv4() == text.starts_with("inet:");
}

bool is_reply_text(std::string_view text) {
  if (text.empty() || text.size() > 400) return false;
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

bool is_quarantine_template(std::string_view text) {
  if (text.empty()) return true;
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > 200) return false;
  return all_in(text, "{}+=-_.@#/");
}

bool is_archive_template(std::string_view text) {
  return is_quarantine_template(text) && text != "{user}@{domain}";  // that would be the mailbox itself
}

bool is_redis_url(std::string_view text) {
  if (text.empty()) return true;
  for (const std::string_view scheme : {"redis://", "rediss://", "unix://", "sentinel://"}) {
    if (text.substr(0, scheme.size()) == scheme) return text.size() > scheme.size();
  }
  return false;
}

bool is_path(std::string_view text) { return !text.empty() && text.find('\0') == std::string_view::npos; }

bool is_node_name(std::string_view text) { return !text.empty() && text.size() <= 64 && all_in(text, ".-_"); }

bool is_log_target(std::string_view text) {
  constexpr std::string_view kJournal = "journal";
  if (text == "syslog" || text == "stderr" || text == kJournal) return true;
  return text.starts_with(std::string(kJournal) + ":/") && text.size() <= kJournal.size() + 1 + 107;  // sun_path
}

}  // namespace postern
