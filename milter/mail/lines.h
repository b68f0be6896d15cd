// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts text into lines that end with CRLF, LF or CR (mail is kept in all three forms).  Copies nothing.
#pragma once

#include <algorithm>
#include <string_view>

namespace postern {

// Where the line that `at` is in ends: its CR or LF, or the end of the text.
inline size_t line_end(std::string_view text, size_t at) {
  while (at < text.size() && text[at] != '\n' && text[at] != '\r') ++at;
  return at;
}

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  // Gives the next line without its end; false when there is none left.
  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    start_ = at_;
    // Remembered, so that a text without any LF is not searched to its end for each line.
    if (at_ == 0 || feed_ < at_) feed_ = std::min(text_.find('\n', at_), text_.size());
    const size_t end = std::min(text_.substr(at_, feed_ - at_).find('\r'), feed_ - at_) + at_;
    line = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    if (end < text_.size() && text_[end] == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    return true;
  }
  size_t start() const { return start_; }  // where the line last given starts
  size_t offset() const { return at_; }    // where the next one starts

 private:
  std::string_view text_;
  size_t at_ = 0;
  size_t start_ = 0;
  size_t feed_ = 0;  // the first LF from at_ on
};

}  // namespace postern
