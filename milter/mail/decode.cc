// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/decode.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/strings.h"
#include "mail/lines.h"

namespace postern {
namespace {

constexpr uint32_t kNoDigit = 1U << 24;  // in what a character stands for: it is none of base64

// What each character stands for in one of the four places of a group, 18, 12, 6 or 0 bits from its end.
constexpr std::array<uint32_t, 256> make_base64_table(unsigned shift) {
  std::array<uint32_t, 256> table{};
  for (auto& entry : table) entry = kNoDigit;
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (uint32_t i = 0; i < kAlphabet.size(); ++i) table[static_cast<unsigned char>(kAlphabet[i])] = i << shift;
  return table;
}
constexpr std::array kBase64{make_base64_table(18), make_base64_table(12), make_base64_table(6), make_base64_table(0)};

// Whole groups of four digits from text[at] on, up to the first that holds anything else or does not fit into `room`
// bytes; gives how many there were.
size_t decode_groups(std::string_view text, size_t at, char* out, size_t room) {
  const size_t most = std::min((text.size() - at) / 4, room / 3);
  const auto* from = reinterpret_cast<const unsigned char*>(text.data()) + at;
  for (size_t done = 0; done < most; ++done, from += 4) {
    const uint32_t group = kBase64[0][from[0]] | kBase64[1][from[1]] | kBase64[2][from[2]] | kBase64[3][from[3]];
    if ((group & kNoDigit) != 0) return done;
    *out++ = static_cast<char>(group >> 16);
    *out++ = static_cast<char>(group >> 8 & 0xff);
    *out++ = static_cast<char>(group & 0xff);
  }
  return most;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

Decoded decode_base64(std::string_view text, size_t max_bytes) {
  Decoded out;
  out.bytes.resize(std::min(max_bytes, text.size() / 4 * 3 + 3));
  size_t used = 0;
  uint32_t bits = 0;
  unsigned count = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (count == 0) {
      const size_t groups = decode_groups(text, at, out.bytes.data() + used, max_bytes - used);
      used += 3 * groups;
      at += 4 * groups;
      if (at == text.size()) break;
    }
    const uint32_t value = kBase64[3][static_cast<unsigned char>(text[at])];
    if (value == kNoDigit) {
      if (text[at] == '=') bits = count = 0;  // padding: what follows is another run
      continue;
    }
    bits = bits << 6 | value;
    if (++count == 1) continue;
    if (used >= max_bytes) {
      out.truncated = true;
      break;
    }
    // The second, third and fourth digit of each group complete one byte.
    out.bytes[used++] = static_cast<char>(bits >> (count == 2 ? 4 : count == 3 ? 2 : 0) & 0xff);
    if (count == 4) bits = count = 0;
  }
  out.bytes.resize(used);
  return out;
}

Decoded decode_quoted_printable(std::string_view text, size_t max_bytes, bool in_header) {
  Decoded out;
  out.bytes.reserve(std::min(max_bytes, text.size()));
  const auto is_sign = [in_header](char c) { return c == '=' || (c == '_' && in_header); };
  size_t at = 0;
  while (at < text.size()) {
    if (out.bytes.size() >= max_bytes) {
      out.truncated = true;
      break;
    }
    const auto here = text.begin() + static_cast<std::ptrdiff_t>(at);
    const auto plain = static_cast<size_t>(std::find_if(here, text.end(), is_sign) - here);
    if (plain > 0) {
      const size_t fit = std::min(plain, max_bytes - out.bytes.size());
      out.bytes.append(text, at, fit);
      at += fit;
      continue;
    }
    if (text[at++] == '_') {
      out.bytes += ' ';
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
