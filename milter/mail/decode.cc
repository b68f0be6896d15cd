// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/decode.h"

#include <array>
#include <cstdint>

#include "base/strings.h"
#include "mail/lines.h"

namespace postern {
namespace {

constexpr std::array<int8_t, 256> make_base64_table() {
  std::array<int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<int8_t>(i);
  return table;
}
constexpr auto kBase64 = make_base64_table();

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

Decoded decode_base64(std::string_view text, size_t max_bytes) {
  Decoded out;
  out.bytes.reserve(std::min(max_bytes, text.size() / 4 * 3 + 3));
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int8_t value = kBase64[static_cast<unsigned char>(c)];
    if (value < 0) {
      if (c == '=') bits = count = 0;  // padding: what follows is another run
      continue;
    }
    bits = bits << 6 | static_cast<uint32_t>(value);
    if (++count == 1) continue;
    if (out.bytes.size() >= max_bytes) {
      out.truncated = true;
      break;
    }
    // The second, third and fourth digit of each group complete one byte.
    out.bytes += static_cast<char>(bits >> (count == 2 ? 4 : count == 3 ? 2 : 0) & 0xff);
    if (count == 4) bits = count = 0;
  }
  return out;
}

Decoded decode_quoted_printable(std::string_view text, size_t max_bytes, bool in_header) {
  Decoded out;
  out.bytes.reserve(std::min(max_bytes, text.size()));
  size_t at = 0;
  while (at < text.size()) {
    if (out.bytes.size() >= max_bytes) {
      out.truncated = true;
      break;
    }
    const char c = text[at++];
    if (c == '_' && in_header) {
      out.bytes += ' ';
    } else if (c != '=') {
      out.bytes += c;
    } else if (at + 1 < text.size() && hex_digit(text[at]) >= 0 && hex_digit(text[at + 1]) >= 0) {
      out.bytes += static_cast<char>(hex_digit(text[at]) * 16 + hex_digit(text[at + 1]));
      at += 2;
    } else {
      size_t end = at;  // a soft line break may have blanks before the line's end
      while (end < text.size() && (text[end] == ' ' || text[end] == '\t')) ++end;
      if (end < text.size() && text[end] != '\r' && text[end] != '\n') {
        out.bytes += '=';
        continue;
      }
      at = end;
      if (at < text.size() && text[at] == '\r') ++at;
      if (at < text.size() && text[at] == '\n') ++at;
    }
  }
  return out;
}

std::string_view uuencode_name(std::string_view line) {
  if (!line.starts_with("begin ")) return {};
  line.remove_prefix(6);
  const size_t mode = line.find_first_not_of("01234567");
  if (mode != 3 && mode != 4) return {};
  return line[mode] == ' ' ? trim(line.substr(mode)) : std::string_view();
}

Decoded decode_uuencode(std::string_view text, size_t max_bytes, size_t* used) {
  Decoded out;
  LineReader lines(text);
  std::string_view line;
  const auto value = [](char c) { return static_cast<uint32_t>((c - ' ') & 0x3f); };
  while (lines.next(line)) {
    if (line.empty() || line == "end" || line[0] < ' ' || line[0] > '`') break;
    size_t left = value(line[0]);
    for (size_t i = 1; left > 0 && i < line.size(); i += 4) {
      uint32_t bits = 0;
      for (size_t k = 0; k < 4; ++k) bits = bits << 6 | (i + k < line.size() ? value(line[i + k]) : 0);
      for (size_t k = 0; k < 3 && left > 0; ++k, --left) out.bytes += static_cast<char>(bits >> (16 - 8 * k) & 0xff);
    }
    if (out.bytes.size() >= max_bytes) {
      out.truncated = out.bytes.size() > max_bytes;
      out.bytes.resize(max_bytes);
      break;
    }
  }
  if (used != nullptr) *used = lines.offset();
  return out;
}

}  // namespace postern
