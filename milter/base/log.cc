// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <syslog.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
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
  std::string out(text.substr(0, kMaxLine));
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = '?';
  }
  if (text.size() > kMaxLine) out += "...";
  return out;
}

// Appends the value with these bytes escaped as printable() does it.
void append_escaped(std::string& out, std::string_view value, std::string_view bytes) {
  const size_t start = out.size();
  append_printable(out, value, kMaxValue);
  if (value.find_first_of(bytes) == std::string_view::npos) return;
  const std::string printed = out.substr(start);
  out.resize(start);
  for (const char c : printed) {
    if (bytes.find(c) == std::string_view::npos) {
      out += c;
    } else {
      append_hex_escape(out, c);
    }
  }
}

void write_stderr(LogLevel level, const std::string& line) {
  constexpr std::array<std::string_view, 4> kWords{"error: ", "warning: ", "", "debug: "};
  std::string whole;
  whole.reserve(g_program.size() + line.size() + 16);
  if (!g_program.empty()) whole.append(g_program).append(": ");
  whole.append(kWords.at(static_cast<size_t>(level))).append(line).push_back('\n');
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

// Adds what comes before a key, and the key; the value follows.
void LogLine::key(std::string_view before, std::string_view key) {
  text_ += before;
  const size_t at = text_.size();
  text_ += key;
  text_ += '=';
  pairs_.push_back({at, key.size(), text_.size(), 0});
  first_ = false;
}

LogLine& LogLine::ended() {
  pairs_.back().value_size = text_.size() - pairs_.back().value;
  return *this;
}

LogLine& LogLine::value(std::string_view value) {
  if (value.find(", ") == std::string_view::npos) {
    append_printable(text_, value, kMaxValue);
  } else {
    append_escaped(text_, value, ",");
  }
  return ended();
}

LogLine& LogLine::add(std::string_view name, std::string_view text) {
  key(comma(), name);
  return value(text);
}

LogLine& LogLine::add(std::string_view name, uint64_t number) {
  std::array<char, 24> buffer{};
  const auto [end, fault] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  key(comma(), name);
  text_.append(buffer.data(), end);
  return ended();
}

LogLine& LogLine::add(std::string_view name, double number, int decimals) {
  std::array<char, 400> buffer{};  // the largest double has 309 digits before the point
  const auto [end, fault] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed, decimals);
  key(comma(), name);
  if (fault == std::errc()) text_.append(buffer.data(), end);
  return ended();
}

LogLine& LogLine::add_address(std::string_view name, std::string_view address) {
  key(comma(), name);
  text_ += '<';
  append_escaped(text_, address, " ,<>");
  text_ += '>';
  return ended();
}

LogLine& LogLine::also(std::string_view name, std::string_view text) {
  key(" ", name);
  return value(text);
}

LogLine& LogLine::reason(std::string_view words) {
  if (words.empty()) return *this;
  text_ += " (";
  reason_ = text_.size();
  append_printable(text_, words, kMaxValue);
  reason_size_ = text_.size() - reason_;
  text_ += ')';
  return *this;
}

}  // namespace postern
