// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/content_scanner.h"

#include <algorithm>
#include <cstddef>

#include "pdf/content_operator.h"

namespace postern {

namespace {

constexpr size_t kMostDigits = 9;  // of an integer that fits 32 bits whatever they are

// What digits behind a point are worth, as far as they are short.
constexpr std::array<double, 8> make_scales() {
  std::array<double, 8> scales{0.1};
  for (size_t i = 1; i < scales.size(); ++i) scales[i] = scales[i - 1] * 0.1;
  return scales;
}
constexpr std::array<double, 8> kScales = make_scales();

// What paths consist of: numbers and blanks, and operators most of which have one letter.
enum class PathPart : uint8_t { kOther, kOperand, kOperator };
constexpr std::array<PathPart, 256> make_path_parts() {
  std::array<PathPart, 256> parts{};
  for (size_t c = 0; c < parts.size(); ++c) {
    const CharacterKind kind = kCharacterKinds[c];
    if (kind == CharacterKind::kNumber || kind == CharacterKind::kBlank) parts[c] = PathPart::kOperand;
  }
  for (const char c : std::string_view("bBcdfFhijJlmMnsSvwWy"))
    parts[static_cast<unsigned char>(c)] = PathPart::kOperator;
  return parts;
}
constexpr std::array<PathPart, 256> kPathParts = make_path_parts();
PathPart path_part(char c) { return kPathParts.data()[static_cast<unsigned char>(c)]; }
constexpr ptrdiff_t kLongestPath = 2 * kMostOperands - 4;  // so that there are no more operands in it

// Over numbers and blanks; no farther than `limit`, three characters behind which there must be.
const char* pass_numbers(const char* at, const char* limit) {
  const auto goes_on = [](char c) { return path_part(c) == PathPart::kOperand; };
  while (at < limit && goes_on(at[0]) && goes_on(at[1]) && goes_on(at[2]) && goes_on(at[3])) at += 4;
  while (at < limit && goes_on(*at)) ++at;
  return at;
}

constexpr auto is_digit = ContentScanner::is_digit;
bool is_octal(char c) { return c >= '0' && c <= '7'; }

int hexadecimal_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The next parenthesis or backslash, or the end.
const char* next_in_string(const char* at, const char* end) {
  for (; end - at >= 8; at += 8) {
    const uint64_t bytes = eight_at(at);
    const uint64_t found = those_equal(bytes | eight_times('\x01'), ')') | those_equal(bytes, '\\');
    if (found != 0) return at + first_of(found);
  }
  return std::find_if(at, end, [](char c) { return c == '(' || c == ')' || c == '\\'; });
}

// What stands behind a backslash, of which `at` is the place; moves it to the last character of the escape.
void append_escape(std::string_view text, size_t& at, std::string& out) {
  static constexpr std::string_view kNames = "nrtbf", kValues = "\n\r\t\b\f";
  const char c = text[at];
  if (const size_t found = kNames.find(c); found != std::string_view::npos) {
    out += kValues[found];
  } else if (is_octal(c)) {
    int value = c - '0';
    for (int more = 0; more < 2 && at + 1 < text.size() && is_octal(text[at + 1]); ++more) {
      value = value * 8 + (text[++at] - '0');
    }
    out += static_cast<char>(value);
  } else if (c == '\r') {
    if (at + 1 < text.size() && text[at + 1] == '\n') ++at;
  } else if (c != '\n') {
    out += c;
  }
}

}  // namespace

void ContentScanner::skip_comments() {
  while (at_ < end_ && *at_ == '%') {
    at_ = std::find_if(at_, end_, [](char c) { return c == '\r' || c == '\n'; });
    pass_blanks();
  }
}

char ContentScanner::skip_long_number() {
  const char* const start = at_;
  const char* at = start + (*start == '-' || *start == '+' ? 1 : 0);
  const char* const whole = at;
  while (at < end_ && is_digit(*at)) ++at;
  const auto integers = static_cast<size_t>(at - whole);
  const bool real = at < end_ && *at == '.';
  if (real) ++at;
  const char* const part = at;
  while (at < end_ && is_digit(*at)) ++at;
  at_ = at;
  if (at < end_ && is_regular(*at)) {
    regular();
    return number_kind({start, static_cast<size_t>(at_ - start)});
  }
  if (integers > kMostDigits || (integers == 0 && at == part)) return '?';
  return real ? 'n' : 'i';
}

// Numbers are not looked at: operators of paths take any, as long as they are not too many.
unsigned ContentScanner::skip_paths(unsigned most) {
  unsigned skipped = 0;
  for (; skipped < most && end_ - at_ > kLongestPath + 4; ++skipped) {
    const char* const limit = at_ + kLongestPath;
    const char* at = pass_numbers(at_, limit);
    if (at[0] == '[' && at[1] == ']') at = pass_numbers(at + 2, limit);  // as of lines without dashes
    if (at > at_ && !is_blank(at[-1])) break;
    if (path_part(at[0]) == PathPart::kOperator && is_blank(at[1]))
      at_ = at + 1;
    else if (is_blank(at[2]) && content_operator(packed({at, 2})).does == Does::kPath)
      at_ = at + 2;
    else
      break;
  }
  return skipped;
}

bool ContentScanner::skip_string(bool& escapes) {
  size_t depth = 1;
  for (const char* at = at_ + 1; (at = next_in_string(at, end_)) < end_; ++at) {
    if (*at == ')') {
      if (--depth > 0) continue;
      at_ = at + 1;
      return true;
    }
    if (*at == '(') {
      ++depth;
    } else {
      escapes = true;
      if (++at == end_) break;
    }
  }
  at_ = end_;
  return false;
}

bool ContentScanner::skip_hexadecimal(bool& clean) {
  for (++at_; at_ < end_; ++at_) {
    const char c = *at_;
    if (c == '>') {
      ++at_;
      return true;
    }
    if (hexadecimal_digit(c) < 0 && !is_blank(c)) clean = false;
  }
  return false;
}

char number_kind(std::string_view word) {
  size_t digits = 0, points = 0, integers = 0;
  bool odd = false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    if (is_digit(c)) {
      ++digits;
      if (points == 0) ++integers;
    } else if (c == '.') {
      ++points;
    } else if (c == '-' || c == '+') {
      odd = odd || i > 0;
    } else {
      return '\0';
    }
  }
  if (odd || digits == 0 || points > 1 || integers > kMostDigits) return '?';
  return points == 0 ? 'i' : 'n';
}

double ContentScanner::number() {
  if (at_digit()) {
    const char digit = *at_;
    pass_to(at_ + 1);
    return digit - '0';
  }
  const bool negative = *at_ == '-';
  const char* const start = at_ + (negative || *at_ == '+' ? 1 : 0);
  ShortNumber number;
  if (!find_short_number(start, number)) return number_value(regular());
  pass_to(start + number.length);
  uint64_t bytes = number.bytes;
  int whole = 0;
  for (unsigned i = 0; i < number.whole; ++i, bytes >>= 8) whole = whole * 10 + static_cast<int>(bytes & 15);
  double value = whole;
  for (unsigned i = number.whole + 1; i < number.length; ++i) {
    bytes >>= 8;
    value = value + kScales[i - number.whole - 1] * static_cast<int>(bytes & 15);
  }
  return negative ? -value : value;
}

double number_value(std::string_view word) {
  const bool negative = word[0] == '-';
  if (negative || word[0] == '+') word.remove_prefix(1);
  unsigned whole = 0;  // may overflow where colours of a pattern are no numbers
  size_t at = 0;
  for (; at < word.size() && word[at] != '.'; ++at) whole = whole * 10 + static_cast<unsigned>(word[at] - '0');
  double value = static_cast<int>(whole), scale = 0.1;
  for (++at; at < word.size(); ++at) {
    value = value + scale * (word[at] - '0');
    scale *= 0.1;
  }
  return negative ? -value : value;
}

void append_string(std::string_view token, std::string& out) {
  const std::string_view text = token.substr(1, token.size() - 2);
  if (token[0] == '(') {
    for (size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\\' && at + 1 < text.size())
        append_escape(text, ++at, out);
      else
        out += text[at];
    }
    return;
  }
  int high = -1;
  for (const char c : text) {
    const int digit = hexadecimal_digit(c);
    if (digit < 0) continue;
    if (high >= 0) out += static_cast<char>(high << 4 | digit);
    high = high >= 0 ? -1 : digit;
  }
  if (high >= 0) out += static_cast<char>(high << 4);
}

}  // namespace postern
