// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the words of a page's content (ISO 32000-1 section 7.2): what all who read content share.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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
  void advance(size_t bytes) { at_ += std::min(bytes, static_cast<size_t>(end_ - at_)); }

  void skip_blanks() {  // and comments
    while (at_ < end_ && kind(*at_) == CharacterKind::kBlank) ++at_;
    if (at_ < end_ && *at_ == '%') skip_comments();
  }
  // The characters up to the next blank or delimiter.
  std::string_view regular() {
    const char* const start = at_;
    while (at_ < end_ && is_regular(*at_)) ++at_;
    return {start, static_cast<size_t>(at_ - start)};
  }
  // Of the next character; there must be one.
  CharacterKind next() const { return kind(*at_); }
  bool at_number() const { return at_ < end_ && next() == CharacterKind::kNumber; }

  // Over a word that begins like a number; what number_kind() says of it.
  char skip_number();
  // Over "(...)", where parentheses nest; false if it never ends.
  bool skip_string();
  // Over "<...>"; false if it never ends.  `clean`: nothing but digits and blanks.
  bool skip_hexadecimal(bool& clean);

 private:
  static CharacterKind kind(char c) { return kCharacterKinds.data()[static_cast<unsigned char>(c)]; }
  static bool is_regular(char c) { return kind(c) <= CharacterKind::kNumber; }
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

}  // namespace postern
