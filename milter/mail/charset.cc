// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/charset.h"

#include <array>

#include "base/strings.h"
#include "mail/decode.h"

namespace postern {
namespace {

// windows-1252, 0x80 to 0x9f (WHATWG encoding standard; 0 for unassigned).
constexpr std::array<uint16_t, 32> kWindows1252{0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                                0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                                0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

uint32_t latin9(unsigned char byte) {
  switch (byte) {
    case 0xa4:
      return 0x20ac;
    case 0xa6:
      return 0x0160;
    case 0xa8:
      return 0x0161;
    case 0xb4:
      return 0x017d;
    case 0xb8:
      return 0x017e;
    case 0xbc:
      return 0x0152;
    case 0xbd:
      return 0x0153;
    case 0xbe:
      return 0x0178;
    default:
      return byte;
  }
}

enum class Latin { k1, k9, kWindows };

// ISO-8859-1 is read as windows-1252, as mail readers do.
std::string from_latin(std::string_view bytes, Latin kind) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xa0 && kind != Latin::k9) {
      const uint16_t point = kWindows1252[byte - 0x80u];
      append_utf8(out, point != 0 ? point : 0xfffd);
    } else {
      append_utf8(out, kind == Latin::k9 ? latin9(byte) : byte);
    }
  }
  return out;
}

std::string from_utf16(std::string_view bytes, bool big_endian) {
  std::string out;
  uint32_t high = 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const uint32_t first = static_cast<unsigned char>(bytes[i]);
    const uint32_t second = static_cast<unsigned char>(bytes[i + 1]);
    const uint32_t unit = big_endian ? first * 256u + second : second * 256u + first;
    if (unit >= 0xd800 && unit < 0xdc00) {
      high = unit;
    } else if (unit >= 0xdc00 && unit < 0xe000 && high != 0) {
      append_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
      high = 0;
    } else if (unit != 0xfeff) {
      append_utf8(out, unit);
    }
  }
  return out;
}

// RFC 2152: runs of base64 between '+' and '-' are UTF-16.
std::string from_utf7(std::string_view bytes) {
  std::string out;
  size_t at = 0;
  while (at < bytes.size()) {
    if (bytes[at] != '+') {
      out += bytes[at++];
      continue;
    }
    size_t end = ++at;
    while (end < bytes.size() &&
           (bytes[end] == '+' || bytes[end] == '/' || (bytes[end] >= '0' && bytes[end] <= '9') ||
            (lower(bytes[end]) >= 'a' && lower(bytes[end]) <= 'z'))) {
      ++end;
    }
    if (end == at) {
      out += '+';
    } else {
      out += from_utf16(decode_base64(bytes.substr(at, end - at), bytes.size()).bytes, true);
    }
    at = end < bytes.size() && bytes[end] == '-' ? end + 1 : end;
  }
  return out;
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view charset) {
  const std::string name = lower(trim(charset));
  if (name == "iso-8859-1" || name == "iso8859-1" || name == "latin1") return from_latin(bytes, Latin::k1);
  if (name == "windows-1252" || name == "cp1252") return from_latin(bytes, Latin::kWindows);
  if (name == "iso-8859-15" || name == "iso8859-15") return from_latin(bytes, Latin::k9);
  if (name == "utf-7" || name == "unicode-1-1-utf-7") return from_utf7(bytes);
  if (name == "utf-16le") return from_utf16(bytes, false);
  if (name == "utf-16" || name == "utf-16be") return from_utf16(bytes, !bytes.starts_with("\xff\xfe"));
  return std::string(bytes);
}

}  // namespace postern
