// SPDX-License-Identifier: GPL-2.0-or-later
// Small helpers for ASCII text.  None of them looks at the locale: mail's keywords are ASCII (RFC 5234).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
std::string lower(std::string_view text);
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }  // SP, HT, CR, LF, VT, FF
bool same_letters(const char* a, const char* b, size_t size);  // ASCII letters of either case are the same
// Here, since most comparisons end at the size.
inline bool equal_nocase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_letters(a.data(), b.data(), a.size());
}
inline bool starts_nocase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_letters(text.data(), prefix.data(), prefix.size());
}
// Position of the first occurrence of `needle` (any case) at or after `from`, or npos.
size_t find_nocase(std::string_view text, std::string_view needle, size_t from = 0);
std::string_view trim(std::string_view text);
// Splits at white space; never returns empty words.
std::vector<std::string_view> words(std::string_view text);
// Splits at each `separator`; empty fields are kept.
std::vector<std::string_view> split(std::string_view text, char separator);
// A whole decimal number without sign or blanks, at most `max`; nothing otherwise.
std::optional<uint64_t> to_uint(std::string_view text, uint64_t max = UINT64_MAX);
// A whole decimal number with optional sign and fraction ("-1.5"); nothing otherwise, never inf or nan.
std::optional<double> to_double(std::string_view text);
// Puts `to` wherever `from` stands; what it has put is not looked at again.
void replace_all(std::string& text, std::string_view from, std::string_view to);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string hex(std::string_view bytes);                        // lower case
std::optional<std::string> unhex(std::string_view text);        // either case; nothing if odd or not hex
// "%41b" -> "Ab" (RFC 3986 section 2.1); a % without two hex digits after it stays.
std::string percent_decoded(std::string_view text);
// Makes untrusted text safe for one log line or one header line: bytes below 0x20, 0x7f, `"` and `\` become
// \xNN, bytes from 0x80 stay, and past `max_bytes` the rest is replaced with "...".
std::string printable(std::string_view text, size_t max_bytes = 256);
void append_printable(std::string& out, std::string_view text, size_t max_bytes);  // the same, behind what `out` has
void append_hex_escape(std::string& out, char c);                                  // \xNN
// UTF-8 (RFC 3629); U+FFFD for what is no code point.
void append_utf8(std::string& out, uint32_t code_point);

}  // namespace postern
