// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/postfix_config.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "cli/run_program.h"

namespace postern {
namespace {

const std::vector<std::string> kNames{"mail_version",
                                      "queue_directory",
                                      "mail_owner",
                                      "config_directory",
                                      "smtpd_milters",
                                      "non_smtpd_milters",
                                      "milter_default_action",
                                      "milter_protocol",
                                      "milter_mail_macros",
                                      "milter_connect_timeout",
                                      "milter_command_timeout",
                                      "milter_content_timeout",
                                      "receive_override_options",
                                      "compatibility_level"};

std::vector<std::string> command(const std::string& directory, std::vector<std::string> options) {
  std::vector<std::string> out{"postconf"};
  if (!directory.empty()) out.insert(out.end(), {"-c", directory});
  out.insert(out.end(), options.begin(), options.end());
  return out;
}

// "name = value"
void read_value(std::string_view line, std::map<std::string, std::string>& values) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  values[std::string(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
}

// "smtp inet n - y - - smtpd -o name=value": one line a service (postconf -Mf would fold it).
void read_service(std::string_view line, PostfixConfig& config) {
  const auto fields = words(line);
  if (fields.size() < 8) return;
  // "-" is the default: a chroot before Postfix 3.0, and in a later one that is told to be compatible.
  const auto level = to_double(config.value("compatibility_level")).value_or(0);
  const bool chroot = fields[4] == "y" || (fields[4] == "-" && level < 1);
  if (fields[7] == "cleanup") config.cleanup_chroot = chroot;
  if (fields[7] != "smtpd" || fields[1] == "unix") return;
  config.inlets.push_back({std::string(fields[0]) + "/" + std::string(fields[1]), chroot, {}});
}

// "smtp/inet/smtpd_milters = value"
void read_override(std::string_view line, PostfixConfig& config) {
  for (PostfixService& service : config.inlets) {
    if (line.starts_with(service.name + "/")) read_value(line.substr(service.name.size() + 1), service.overrides);
  }
}

// Where the entry at the start of the text ends: behind its braces, or at a blank or comma.
size_t entry_end(std::string_view text) {
  if (text.front() != '{') return std::min(text.find_first_of(", \t\r\n"), text.size());
  size_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i + 1;
  }
  return text.size();
}

// An address and its options, "name=value" or "{ name = value }" each.
MilterEntry read_entry(std::string_view text) {
  MilterEntry milter;
  milter.text = text;
  std::string plain;
  for (const char c : text) {
    const char shown = c == '{' || c == '}' || c == ',' ? ' ' : c;
    const bool by_equals = !plain.empty() && plain.back() == '=';
    if (is_space(shown) && by_equals) continue;
    if (shown == '=') plain.erase(plain.find_last_not_of(' ') + 1);
    plain += shown;
  }
  for (const std::string_view word : words(plain)) {
    if (milter.address.empty()) {
      milter.address = word;
    } else {
      read_value(word, milter.options);
    }
  }
  return milter;
}

}  // namespace

std::string PostfixConfig::value(std::string_view name) const {
  const auto found = values.find(std::string(name));
  return found == values.end() ? "" : found->second;
}

std::string PostfixConfig::value(std::string_view name, const PostfixService& service) const {
  const auto found = service.overrides.find(std::string(name));
  if (found == service.overrides.end()) return value(name);
  // An option of master.cf may name a setting of main.cf.
  if (!found->second.starts_with('$')) return found->second;
  std::string inner = found->second.substr(1);
  std::erase_if(inner, [](char c) { return c == '{' || c == '}' || c == '(' || c == ')'; });
  return inner == name ? value(name) : found->second;
}

Result<PostfixConfig> read_postfix(const std::string& directory) {
  PostfixConfig config;
  std::vector<std::string> names{"-x"};
  names.insert(names.end(), kNames.begin(), kNames.end());
  const auto main =
      run_program(command(directory, names), [&](std::string_view line) { read_value(line, config.values); });
  if (!main) return main.error();
  if (*main != 0) return unavailable("postconf failed; `postconf -n` says why");
  const auto master =
      run_program(command(directory, {"-M"}), [&](std::string_view line) { read_service(line, config); });
  if (!master) return master.error();
  const auto overrides =
      run_program(command(directory, {"-P"}), [&](std::string_view line) { read_override(line, config); });
  if (!overrides) return overrides.error();
  if (*master != 0 || *overrides != 0) return unavailable("postconf cannot read master.cf; `postconf -M` says why");
  return config;
}

std::vector<MilterEntry> parse_milters(std::string_view text) {
  std::vector<MilterEntry> out;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(", \t\r\n"), text.size()));
    if (text.empty()) break;
    const size_t end = entry_end(text);
    MilterEntry milter = read_entry(text.substr(0, end));
    text.remove_prefix(end);
    if (!milter.address.empty()) out.push_back(std::move(milter));
  }
  return out;
}

int64_t postfix_seconds(std::string_view text) {
  text = trim(text);
  int64_t unit = 1;
  const char last = text.empty() ? '0' : text.back();
  if (last < '0' || last > '9') {
    constexpr std::string_view kUnits = "smhdw";
    constexpr std::array<int64_t, 5> kSeconds{1, 60, 3600, 86400, 7 * 86400};
    const size_t which = kUnits.find(last);
    if (which == std::string_view::npos) return -1;
    unit = kSeconds.at(which);
    text.remove_suffix(1);
  }
  const auto number = to_uint(text, 1'000'000'000);
  return number ? static_cast<int64_t>(*number) * unit : -1;
}

std::string socket_file(std::string_view address, bool chroot, std::string_view queue_directory) {
  for (const std::string_view kind : {"unix:", "local:"}) {
    if (!address.starts_with(kind)) continue;
    const std::string path(address.substr(kind.size()));
    if (path.starts_with('/') && !chroot) return path;
    return std::string(queue_directory) + (path.starts_with('/') ? "" : "/") + path;
  }
  return "";
}

}  // namespace postern
