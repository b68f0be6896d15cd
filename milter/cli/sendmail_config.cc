// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/sendmail_config.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/strings.h"

namespace postern {
namespace {

std::vector<std::string> names(std::string_view list) {
  std::vector<std::string> out;
  for (const std::string_view each : split(list, ',')) {
    if (!trim(each).empty()) out.emplace_back(trim(each));
  }
  return out;
}

// "C:60s;S:30s"
void read_times(std::string_view text, std::map<char, int64_t>& seconds) {
  for (const std::string_view each : split(text, ';')) {
    const std::string_view time = trim(each);
    if (time.size() > 2 && time[1] == ':') seconds[time[0]] = sendmail_seconds(time.substr(2));
  }
}

// The fields of "Xname, S=..., F=..., T=..."; of a key only the first letter counts.
void read_filter(std::string_view line, SendmailConfig& config) {
  SendmailFilter filter;
  const auto fields = split(line, ',');
  filter.name = trim(fields.front());
  for (const std::string_view field : fields) {
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos || trim(field.substr(0, equals)).empty()) continue;
    const std::string_view value = trim(field.substr(equals + 1));
    switch (trim(field.substr(0, equals)).front()) {
      case 'S':
        filter.address = value;
        break;
      case 'F':
        filter.flags = value;
        break;
      case 'T':
        read_times(value, filter.seconds);
        break;
      default:
        break;
    }
  }
  config.filters.push_back(std::move(filter));
}

// A list of its own is "I=one;other" or "InputMailFilters=one;other".
void read_daemon(std::string_view value, SendmailConfig& config) {
  SendmailDaemon daemon;
  for (const std::string_view field : split(value, ',')) {
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos || trim(field.substr(0, equals)).empty()) continue;
    const std::string_view text = trim(field.substr(equals + 1));
    const char key = trim(field.substr(0, equals)).front();
    if (key == 'N') daemon.name = text;
    if (key != 'I') continue;
    std::string list(text);
    std::replace(list.begin(), list.end(), ';', ',');
    daemon.filters = names(list);
  }
  config.daemons.push_back(std::move(daemon));
}

// "O Name=value"
void read_option(std::string_view line, SendmailConfig& config) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = trim(line.substr(0, equals)), value = trim(line.substr(equals + 1));
  if (equal_nocase(name, "InputMailFilters")) config.asked = names(value);
  if (equal_nocase(name, "DaemonPortOptions")) read_daemon(value, config);
  if (equal_nocase(name, "Milter.macros.envfrom")) config.envfrom_macros = value;
  if (equal_nocase(name, "RunAsUser")) config.run_as = value.substr(0, value.find(':'));
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    const std::string text = path + ": " + std::strerror(errno);
    return errno == ENOENT ? not_found(text) : unavailable(text);
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// m4 takes the rest of a line after "dnl" for a comment.
std::string without_comments(std::string_view text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with("dnl") && !line.starts_with("#")) out.append(line).append("\n");
  }
  return out;
}

}  // namespace

const SendmailFilter* SendmailConfig::find(std::string_view name) const {
  const auto found = std::find_if(filters.begin(), filters.end(), [&](const auto& each) { return each.name == name; });
  return found == filters.end() ? nullptr : &*found;
}

void parse_sendmail(std::string_view text, SendmailConfig& config) {
  std::string line;
  const auto finish = [&] {
    if (line.starts_with("X")) read_filter(std::string_view(line).substr(1), config);
    if (line.starts_with("O ")) read_option(std::string_view(line).substr(2), config);
    line.clear();
  };
  for (std::string_view each : split(text, '\n')) {
    if (!each.empty() && each.back() == '\r') each.remove_suffix(1);
    if (each.starts_with(' ') || each.starts_with('\t')) {
      line += each;
      continue;
    }
    finish();
    line = each;
  }
  finish();
}

Result<SendmailConfig> read_sendmail(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  SendmailConfig config;
  config.path = path;
  parse_sendmail(*text, config);
  if (path.ends_with(".cf")) {
    const std::string source = path.substr(0, path.size() - 2) + "mc";
    if (const auto mc = read_file(source)) {
      config.source = source;
      config.source_text = without_comments(*mc);
    }
  }
  return config;
}

int64_t sendmail_seconds(std::string_view text, char unit) {
  constexpr std::string_view kUnits = "smhdw";
  constexpr std::array<int64_t, 5> kSeconds{1, 60, 3600, 86400, 7 * 86400};
  int64_t sum = 0;
  text = trim(text);
  if (text.empty()) return -1;
  while (!text.empty()) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = to_uint(text.substr(0, digits), 1'000'000'000);
    const size_t which = kUnits.find(digits < text.size() ? text[digits] : unit);
    if (!number || which == std::string_view::npos) return -1;
    sum += static_cast<int64_t>(*number) * kSeconds.at(which);
    text.remove_prefix(std::min(digits + 1, text.size()));
  }
  return sum;
}

}  // namespace postern
