// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts text into lines that end with CRLF, LF or CR (mail is kept in all three forms).  Copies nothing.
#pragma once

#include <string_view>

namespace postern {

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  // Gives the next line without its end; false when there is none left.
  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    start_ = at_;
    const size_t end = text_.find_first_of("\r\n", at_);
    if (end == std::string_view::npos) {
      line = text_.substr(at_);
      at_ = text_.size();
      return true;
    }
    line = text_.substr(at_, end - at_);
    at_ = end + 1;
    if (text_[end] == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    return true;
  }
  size_t start() const { return start_; }  // where the line last given starts
  size_t offset() const { return at_; }    // where the next one starts

 private:
  std::string_view text_;
  size_t at_ = 0;
  size_t start_ = 0;
};

}  // namespace postern
