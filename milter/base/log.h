// SPDX-License-Identifier: GPL-2.0-or-later
// Log lines in the manner of the MTA: "ID: key=value, key=value (words)".  Callers never format: they add pairs.
// Keys come from the program; values may come from anybody, and are escaped and capped here (no log injection).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

enum class LogLevel { kError, kWarning, kInfo, kDebug };
enum class LogTarget { kStderr, kSyslog };

// Chooses where log() writes; syslog uses facility mail (RFC 5424 section 6.2.1).  Lines less important than `least` are
// dropped.  Call once at start.
void open_log(LogTarget target, std::string_view program, LogLevel least = LogLevel::kInfo);
// Writes one line (any thread).  `text` is made printable again as a last line of defence.
void log(LogLevel level, std::string_view text);

class LogLine {
 public:
  explicit LogLine(std::string_view id) : text_(std::string(id) + ":") {}
  LogLine& add(std::string_view key, std::string_view value);
  LogLine& add(std::string_view key, uint64_t value);
  LogLine& add(std::string_view key, double value, int decimals);
  // Adds <address>, the way the MTA writes envelope addresses.
  LogLine& add_address(std::string_view key, std::string_view address);
  // Adds " key=value" to the pair before it, without a comma.
  LogLine& also(std::string_view key, std::string_view value);
  LogLine& reason(std::string_view words);  // " (words)" at the end
  const std::string& text() const { return text_; }

 private:
  void begin(std::string_view key);
  std::string text_;
  bool first_ = true;
};

}  // namespace postern
