// SPDX-License-Identifier: GPL-2.0-or-later
// Log lines in the manner of the MTA: "ID: key=value, key=value (words)".  Callers never format: they add pairs.
// Keys come from the program; values may come from anybody, and are escaped and capped here (no log injection).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/journal.h"

namespace postern {

enum class LogLevel { kError, kWarning, kInfo, kDebug };
enum class LogTarget { kStderr, kSyslog, kJournal };

class LogLine;

// Chooses where log() writes; syslog and the journal use facility mail (RFC 5424 section 6.2.1).  Lines less important
// than `least` are dropped.  `journal` is the journal's socket.  Call once at start.
void open_log(LogTarget target, std::string_view program, LogLevel least = LogLevel::kInfo,
              std::string_view journal = kJournalSocket);
// Writes one line (any thread).  `text` is made printable again as a last line of defence.
void log(LogLevel level, std::string_view text);
// The same; in the journal the line's ID and each pair is a field too: POSTERN_ID, POSTERN_CLIENT, ...
void log(LogLevel level, const LogLine& line);

class LogLine {
 public:
  explicit LogLine(std::string_view id = "");
  // A comma in the value that a blank follows is escaped, so that no value looks like another pair.
  LogLine& add(std::string_view key, std::string_view value);
  LogLine& add(std::string_view key, uint64_t value);
  LogLine& add(std::string_view key, double value, int decimals);
  // Adds <address>, the way the MTA writes envelope addresses; blanks, commas and brackets in it are escaped.
  LogLine& add_address(std::string_view key, std::string_view address);
  // Adds " key=value" to the pair before it, without a comma.
  LogLine& also(std::string_view key, std::string_view value);
  LogLine& reason(std::string_view words);  // " (words)" at the end
  const std::string& text() const { return text_; }
  JournalFields fields() const;  // POSTERN_ID, and a field for each pair

 private:
  // A pair is added in three steps: its key, its value, and the value's size.
  std::string_view comma() const { return first_ ? " " : ", "; }
  void key(std::string_view before, std::string_view key);
  LogLine& value(std::string_view value);
  LogLine& ended();
  // Where in text_ a pair's key and value are.
  struct Place {
    size_t key, key_size, value, value_size;
  };
  std::string text_;
  std::vector<Place> pairs_;
  size_t id_size_, reason_ = 0, reason_size_ = 0;
  bool first_ = true;
};

}  // namespace postern
