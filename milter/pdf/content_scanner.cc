// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/content_scanner.h"

#include <algorithm>

namespace postern {

namespace {

constexpr size_t kMostDigits = 9;  // of an integer that fits 32 bits whatever they are

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }

int hexadecimal_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
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
    while (at_ < end_ && kind(*at_) == CharacterKind::kBlank) ++at_;
  }
}

// Most words of most contents are numbers.
char ContentScanner::skip_number() {
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

bool ContentScanner::skip_string() {
  size_t depth = 0;
  for (; at_ < end_; ++at_) {
    const char c = *at_;
    if (c == '\\' && ++at_ == end_) return false;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) {
      ++at_;
      return true;
    }
  }
  return false;
}

bool ContentScanner::skip_hexadecimal(bool& clean) {
  for (++at_; at_ < end_; ++at_) {
    const char c = *at_;
    if (c == '>') {
      ++at_;
      return true;
    }
    if (hexadecimal_digit(c) < 0 && kind(c) != CharacterKind::kBlank) clean = false;
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

double number_value(std::string_view word) {
  const bool negative = word[0] == '-';
  if (negative || word[0] == '+') word.remove_prefix(1);
  int whole = 0;
  size_t at = 0;
  for (; at < word.size() && word[at] != '.'; ++at) whole = whole * 10 + (word[at] - '0');
  double value = whole, scale = 0.1;
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
