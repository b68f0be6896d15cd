// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/log_source.h"

#include <unistd.h>

#include <array>
#include <ctime>
#include <fstream>
#include <iostream>

#include "base/strings.h"
#include "cli/run_program.h"

namespace postern {
namespace {

constexpr std::array kUsualLogs{"/var/log/mail.log", "/var/log/maillog"};
constexpr int64_t kDay = 86400;

Status read_log(const std::string& path, const std::function<void(std::string_view)>& line) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (!file) return unavailable("cannot read " + path);
  std::istream& in = path == "-" ? std::cin : file;
  for (std::string text; std::getline(in, text);) line(text);
  return Nothing{};
}

// "Nov 26 13:00:00", in this host's zone.
std::optional<UnixTime> old_time(std::string_view text, UnixTime now) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < 15 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':') return std::nullopt;
  const size_t month = kMonths.find(text.substr(0, 3));
  const auto number = [&](size_t at) { return to_uint(trim(text.substr(at, 2)), 61); };
  const auto day = number(4), hour = number(7), minute = number(10), second = number(13);
  if (month == std::string_view::npos || month % 3 != 0 || !day || !hour || !minute || !second) return std::nullopt;
  const auto clock = static_cast<time_t>(now);
  std::tm local{};
  ::localtime_r(&clock, &local);
  for (int year = local.tm_year; year > local.tm_year - 2; --year) {
    std::tm parts{};
    parts.tm_year = year;
    parts.tm_mon = static_cast<int>(month / 3);
    parts.tm_mday = static_cast<int>(*day);
    parts.tm_hour = static_cast<int>(*hour);
    parts.tm_min = static_cast<int>(*minute);
    parts.tm_sec = static_cast<int>(*second);
    parts.tm_isdst = -1;
    const time_t when = std::mktime(&parts);
    if (when != -1 && when <= now + kDay) return when;
  }
  return std::nullopt;
}

// What journalctl(1) prints of the system's journal, or of one file.
Status read_journal(const std::vector<std::string>& options, const std::string& file,
                    const std::function<void(std::string_view)>& line) {
  std::vector<std::string> command{"journalctl", "--no-pager", "--quiet", "--output=short-iso"};
  if (!file.empty()) command.push_back("--file=" + file);
  command.insert(command.end(), options.begin(), options.end());
  const auto status = run_program(command, line);
  return status ? Status(Nothing{}) : Status(status.error());
}

}  // namespace

Status each_log_line(const std::vector<std::string>& files, const std::vector<std::string>& journal_options,
                     const std::function<void(std::string_view)>& line) {
  for (const std::string& file : files) {
    const bool journal = file.ends_with(".journal");
    if (journal && access(file.c_str(), R_OK) != 0) return unavailable("cannot read " + file);
    const Status read = journal ? read_journal(journal_options, file, line) : read_log(file, line);
    if (!read) return read;
  }
  if (!files.empty()) return Nothing{};
  for (const char* path : kUsualLogs) {
    if (access(path, R_OK) == 0) return read_log(path, line);
  }
  return read_journal(journal_options, "", line);
}

std::optional<UnixTime> log_time(std::string_view line, UnixTime now) {
  std::string word(line.substr(0, line.find(' ')));
  if (word.size() < 19 || word[4] != '-' || word[10] != 'T') return old_time(line, now);
  // A fraction of a second says nothing here; journalctl writes the zone as +0100.
  if (const size_t dot = word.find_first_of(".,"); dot != std::string::npos) {
    word.erase(dot, word.find_first_not_of("0123456789", dot + 1) - dot);
  }
  const size_t sign = word.find_first_of("+-", 19);
  if (sign != std::string::npos && word.size() == sign + 5) word.insert(sign + 3, 1, ':');
  const auto when = parse_iso_time(word);
  return when ? std::optional(*when) : std::nullopt;
}

Result<std::optional<UnixTime>> moment_of(const char* option, const std::string& text, UnixTime now) {
  if (text.empty()) return std::optional<UnixTime>();
  if (const auto age = parse_duration(text)) {
    return std::optional<UnixTime>(now - std::chrono::duration_cast<std::chrono::seconds>(*age).count());
  }
  const auto when = parse_iso_time(text);
  if (when) return std::optional<UnixTime>(*when);
  return invalid(std::string(option) +
                 ": expected an age such as 7d, a date or a time such as 2026-11-01T08:00:00Z, not \"" +
                 printable(text) + "\"");
}

}  // namespace postern
