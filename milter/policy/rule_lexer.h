// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts the text of a rule into tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

struct Token {
  enum class Kind : uint8_t {
    kWord,
    kNumber,
    kText,
    kPattern,
    kOperator,
    kOpen,
    kClose,
    kComma,
    kReason,
    kEnd,
    kBad
  };
  Kind kind = Kind::kEnd;
  size_t column = 1;  // first byte, counted from 1
  std::string text;   // kText: without quotes and escapes; kPattern: between the slashes; kReason: the words;
                      // kBad: what is wrong
  std::string flags;  // kPattern
  double number = 0;  // kNumber
};

class RuleLexer {
 public:
  explicit RuleLexer(std::string_view text) : text_(text) {}
  Token next();

 private:
  Token read_word();
  Token read_number();
  Token read_text();
  Token read_pattern();
  Token bad(size_t at, const std::string& text) const;

  std::string_view text_;
  size_t at_ = 0;
};

// "the number 5", "\"abc\"", "the end": for messages.
std::string describe(const Token& token);

}  // namespace postern
