// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <memory>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxLine = 2000;   // rsyslog's default limit is 8 kB, old syslogds cut at 1 kB
constexpr size_t kMaxValue = 320;   // RFC 5321 section 4.5.3.1: a path has at most 256 octets

std::atomic<LogTarget> g_target{LogTarget::kStderr};
std::atomic<LogLevel> g_least{LogLevel::kInfo};
std::unique_ptr<Journal> g_journal;  // this and the next: written once by open_log, before any thread starts
std::string g_program;

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

// The value with these bytes escaped as printable() does it.
std::string escaped(std::string_view value, std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : printable(value, kMaxValue)) {
    const auto byte = static_cast<unsigned char>(c);
    if (bytes.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string plain_value(std::string_view value) {
  return value.find(", ") == std::string_view::npos ? printable(value, kMaxValue) : escaped(value, ",");
}

void write_stderr(LogLevel level, const std::string& line) {
  constexpr std::array<std::string_view, 4> kWords{"error: ", "warning: ", "", "debug: "};
  const std::string whole = (g_program.empty() ? "" : g_program + ": ") +
                            std::string(kWords.at(static_cast<size_t>(level))) + line + "\n";
  // One write per line, so that lines of several threads and processes do not mix.
  if (::write(STDERR_FILENO, whole.data(), whole.size()) < 0) return;
}

bool write_journal(LogLevel level, const std::string& line, const JournalFields& extra) {
  JournalFields fields{{"MESSAGE", line},
                       {"PRIORITY", std::to_string(syslog_priority(level))},
                       {"SYSLOG_FACILITY", std::to_string(LOG_MAIL >> 3)},
                       {"SYSLOG_IDENTIFIER", g_program},
                       {"SYSLOG_PID", std::to_string(::getpid())}};
  fields.insert(fields.end(), extra.begin(), extra.end());
  return g_journal->send(fields);
}

void write_line(LogLevel level, std::string_view text, const JournalFields& fields) {
  if (level > g_least.load(std::memory_order_relaxed)) return;
  const std::string line = one_line(text);
  if (g_target == LogTarget::kSyslog) {
    syslog(syslog_priority(level), "%s", line.c_str());
  } else if (g_target != LogTarget::kJournal || !write_journal(level, line, fields)) {
    write_stderr(level, line);
  }
}

}  // namespace

void open_log(LogTarget target, std::string_view program, LogLevel least, std::string_view journal) {
  g_program = program;
  if (target == LogTarget::kJournal) g_journal = std::make_unique<Journal>(journal);
  g_target = target;
  g_least = least;
  if (target == LogTarget::kSyslog) openlog(g_program.c_str(), LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void log(LogLevel level, std::string_view text) { write_line(level, text, {}); }

void log(LogLevel level, const LogLine& line) {
  write_line(level, line.text(), g_target == LogTarget::kJournal ? line.fields() : JournalFields());
}

LogLine::LogLine(std::string_view id) : id_size_(id.size()) {
  constexpr size_t kUsual = 512, kUsualPairs = 24;
  text_.reserve(kUsual);
  pairs_.reserve(kUsualPairs);
  text_ += id;
  text_ += ':';
}

JournalFields LogLine::fields() const {
  const std::string_view text = text_;
  JournalFields out{{"POSTERN_ID", std::string(text.substr(0, id_size_))}};
  for (const Place& each : pairs_) {
    out.emplace_back(journal_name(text.substr(each.key, each.key_size)), text.substr(each.value, each.value_size));
  }
  if (reason_ != 0) out.emplace_back(journal_name("reason"), text.substr(reason_, reason_size_));
  return out;
}

LogLine& LogLine::pair(std::string_view before, std::string_view key, const std::string& value) {
  text_ += before;
  const size_t at = text_.size();
  text_ += key;
  text_ += '=';
  pairs_.push_back({at, key.size(), text_.size(), value.size()});
  text_ += value;
  first_ = false;
  return *this;
}

LogLine& LogLine::add(std::string_view key, std::string_view value) {
  return pair(first_ ? " " : ", ", key, plain_value(value));
}

LogLine& LogLine::add(std::string_view key, uint64_t value) {
  return pair(first_ ? " " : ", ", key, std::to_string(value));
}

LogLine& LogLine::add(std::string_view key, double value, int decimals) {
  std::array<char, 64> buffer{};
  const int used = std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, value);
  return pair(first_ ? " " : ", ", key, {buffer.data(), static_cast<size_t>(used > 0 ? used : 0)});
}

LogLine& LogLine::add_address(std::string_view key, std::string_view address) {
  return pair(first_ ? " " : ", ", key, '<' + escaped(address, " ,<>") + '>');
}

LogLine& LogLine::also(std::string_view key, std::string_view value) { return pair(" ", key, plain_value(value)); }

LogLine& LogLine::reason(std::string_view words) {
  if (words.empty()) return *this;
  const std::string value = printable(words, kMaxValue);
  reason_ = text_.size() + 2;
  reason_size_ = value.size();
  text_ += " (" + value + ")";
  return *this;
}

}  // namespace postern
