// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxLine = 2000;   // rsyslog's default limit is 8 kB, old syslogds cut at 1 kB
constexpr size_t kMaxValue = 320;   // RFC 5321 section 4.5.3.1: a path has at most 256 octets

std::atomic<LogTarget> g_target{LogTarget::kStderr};
std::atomic<LogLevel> g_least{LogLevel::kInfo};
std::string g_program;  // written once by open_log, before any thread starts

int syslog_priority(LogLevel level) {
  switch (level) {
    case LogLevel::kError: return LOG_ERR;
    case LogLevel::kWarning: return LOG_WARNING;
    case LogLevel::kInfo: return LOG_INFO;
    case LogLevel::kDebug: return LOG_DEBUG;
  }
  return LOG_INFO;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kMaxLine)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  if (text.size() > kMaxLine) out += "...";
  return out;
}

}  // namespace

void open_log(LogTarget target, std::string_view program, LogLevel least) {
  g_program = program;
  g_target = target;
  g_least = least;
  if (target == LogTarget::kSyslog) openlog(g_program.c_str(), LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void log(LogLevel level, std::string_view text) {
  if (level > g_least.load(std::memory_order_relaxed)) return;
  const std::string line = one_line(text);
  if (g_target == LogTarget::kSyslog) {
    syslog(syslog_priority(level), "%s", line.c_str());
    return;
  }
  constexpr std::array<std::string_view, 4> kWords{"error: ", "warning: ", "", "debug: "};
  const std::string whole = (g_program.empty() ? "" : g_program + ": ") +
                            std::string(kWords.at(static_cast<size_t>(level))) + line + "\n";
  // One write per line, so that lines of several threads and processes do not mix.
  if (::write(STDERR_FILENO, whole.data(), whole.size()) < 0) return;
}

void LogLine::begin(std::string_view key) {
  text_ += first_ ? " " : ", ";
  first_ = false;
  text_ += key;
  text_ += '=';
}

LogLine& LogLine::add(std::string_view key, std::string_view value) {
  begin(key);
  text_ += printable(value, kMaxValue);
  return *this;
}

LogLine& LogLine::add(std::string_view key, uint64_t value) {
  begin(key);
  text_ += std::to_string(value);
  return *this;
}

LogLine& LogLine::add(std::string_view key, double value, int decimals) {
  begin(key);
  std::array<char, 64> buffer{};
  const int used = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  text_.append(buffer.data(), static_cast<size_t>(used > 0 ? used : 0));
  return *this;
}

LogLine& LogLine::add_address(std::string_view key, std::string_view address) {
  begin(key);
  text_ += '<' + printable(address, kMaxValue) + '>';
  return *this;
}

LogLine& LogLine::also(std::string_view key, std::string_view value) {
  text_ += ' ';
  text_ += key;
  text_ += '=' + printable(value, kMaxValue);
  return *this;
}

LogLine& LogLine::reason(std::string_view words) {
  if (!words.empty()) text_ += " (" + printable(words, kMaxValue) + ")";
  return *this;
}

}  // namespace postern
