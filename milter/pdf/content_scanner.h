// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the words of a page's content (ISO 32000-1 section 7.2): what all who read content share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pdf/eight_bytes.h"

namespace postern {

// What a character is (section 7.2.2); numbers begin with regular characters of their own.
enum class CharacterKind : uint8_t { kRegular, kNumber, kBlank, kDelimiter, kComment };
constexpr std::array<CharacterKind, 256> character_kinds() {
  std::array<CharacterKind, 256> kinds{};
  for (const char c : {'\0', '\t', '\n', '\f', '\r', ' '}) kinds[static_cast<unsigned char>(c)] = CharacterKind::kBlank;
  for (const char c : {'(', ')', '<', '>', '[', ']', '{', '}', '/'})
    kinds[static_cast<unsigned char>(c)] = CharacterKind::kDelimiter;
  for (const char c : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '.'})
    kinds[static_cast<unsigned char>(c)] = CharacterKind::kNumber;
  kinds['%'] = CharacterKind::kComment;
  return kinds;
}
inline constexpr std::array<CharacterKind, 256> kCharacterKinds = character_kinds();

class ContentScanner {
 public:
  explicit ContentScanner(std::string_view content)
      : begin_(content.data()), at_(begin_), end_(begin_ + content.size()) {}

  bool ended() const { return at_ >= end_; }
  char look(size_t ahead = 0) const { return ahead < static_cast<size_t>(end_ - at_) ? at_[ahead] : '\0'; }
  size_t at() const { return static_cast<size_t>(at_ - begin_); }
  std::string_view since(size_t start) const { return {begin_ + start, static_cast<size_t>(at_ - begin_) - start}; }
  static bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
  void advance(size_t bytes) { at_ += std::min(bytes, static_cast<size_t>(end_ - at_)); }

  void pass_blanks() {
    while (at_ < end_ && is_blank(*at_)) ++at_;
  }
  void skip_blanks() {  // and comments
    pass_blanks();
    if (at_ < end_ && *at_ == '%') skip_comments();
  }
  // Over operators of paths and the numbers before them as long as nothing else comes; at most `most` operators.  How
  // many they were; where it stops may be before blanks.
  unsigned skip_paths(unsigned most);
  // The characters up to the next blank or delimiter.
  std::string_view regular() {
    const char* const start = at_;
    while (at_ < end_ && is_regular(*at_)) ++at_;
    return {start, static_cast<size_t>(at_ - start)};
  }
  // The characters up to there as packed() has them; 0 if they are more than three.
  uint32_t word() {
    const char *const start = at_, *at = start;
    uint32_t name = 0;
    for (; at < end_ && is_regular(*at); ++at) name = name << 8 | static_cast<unsigned char>(*at);
    at_ = at;
    return at - start <= 3 ? name : 0;
  }
  // Of the next character; there must be one.
  CharacterKind next() const { return kind(*at_); }
  bool at_number() const { return at_ < end_ && next() == CharacterKind::kNumber; }

  // Over the next character; there must be one.
  void pass() { ++at_; }
  void pass_all() { at_ = end_; }

  // Over a word that begins like a number, and perhaps a blank behind it; what number_kind() says of it.
  char skip_number() {
    const char kind = skip_short_number();
    return kind != '\0' ? kind : skip_long_number();
  }
  // The same over one that is short, as nearly all are; else '\0', and over nothing.
  char skip_short_number();
  // Over the same; its value, as number_value() has it.
  double number();
  // Over "(...)", where parentheses nest; false if it never ends.  `escapes`: set where a backslash stands.
  bool skip_string(bool& escapes);
  // Over "<...>"; false if it never ends.  `clean`: nothing but digits and blanks.
  bool skip_hexadecimal(bool& clean);

 private:
  static CharacterKind kind(char c) { return kCharacterKinds.data()[static_cast<unsigned char>(c)]; }
  static bool is_blank(char c) { return kind(c) == CharacterKind::kBlank; }
  static bool is_regular(char c) { return kind(c) <= CharacterKind::kNumber; }
  // Of a number that is short, as nearly all are, what stands behind its sign: eight characters of which the first
  // `whole` are digits, and if a point follows (`real`), those behind it up to `length`.
  struct ShortNumber {
    uint64_t bytes = 0;
    unsigned whole = 0, length = 0;
    bool real = false;
  };
  // To a character that is there, or behind it if it is a blank.
  void pass_to(const char* at) { at_ = at + (is_blank(*at) ? 1 : 0); }
  // At a number of one digit.
  bool at_digit() const { return end_ - at_ > 1 && is_digit(*at_) && !is_regular(at_[1]); }
  // False where the word is anything else.
  bool find_short_number(const char* start, ShortNumber& number) const;
  char skip_long_number();
  void skip_comments();

  const char* const begin_;
  const char* at_;
  const char* const end_;
};

// What a word is that begins like a number: 'i' an integer of at most nine digits, 'n' a real number, '?' one that
// readers understand in their own ways, '\0' none.
char number_kind(std::string_view word);
// The value of an 'i' or an 'n', with the rounding of Poppler's own reader, so that what is computed from it is the
// same to the last bit.
double number_value(std::string_view word);
// Appends what a string in parentheses or angle brackets stands for; the brackets are part of `token`.
void append_string(std::string_view token, std::string& out);

[[gnu::always_inline]] inline bool ContentScanner::find_short_number(const char* start, ShortNumber& number) const {
  if (end_ - start < 8) return false;
  number.bytes = eight_at(start);
  uint64_t others = others_than_digits(number.bytes);
  if (others == 0) return false;
  number.whole = number.length = first_of(others);
  number.real = start[number.whole] == '.';
  if (number.real) {
    others &= others - 1;
    if (others == 0) return false;
    number.length = first_of(others);
    if (number.length == 1) return false;
  }
  return number.length > 0 && !is_regular(start[number.length]);
}

// Most words of most contents are numbers.
[[gnu::always_inline]] inline char ContentScanner::skip_short_number() {
  if (at_digit()) {
    pass_to(at_ + 1);
    return 'i';
  }
  const char* const start = at_ + (*at_ == '-' || *at_ == '+' ? 1 : 0);
  ShortNumber number;
  if (!find_short_number(start, number)) return '\0';
  pass_to(start + number.length);
  return number.real ? 'n' : 'i';
}

}  // namespace postern
