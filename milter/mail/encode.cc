// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/encode.h"

namespace postern {
namespace {

constexpr size_t kLine = 76;
constexpr std::string_view kDigits = "0123456789ABCDEF";

void escape(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '=';
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 15U];
}

// Whether the character at `at` of a line may not stand for itself.
bool must_escape(std::string_view line, size_t at) {
  const char c = line[at];
  if (c == ' ' || c == '\t') return at + 1 == line.size();
  if (at == 0 && (c == '.' || line.starts_with("From "))) return true;
  return c <= 0x20 || c >= 0x7f || c == '=';
}

void add_line(std::string& out, std::string_view line) {
  size_t used = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const bool escaped = must_escape(line, i);
    const size_t size = escaped ? 3 : 1;
    const size_t room = i + 1 == line.size() ? kLine : kLine - 1;  // for the soft line end's =
    if (used + size > room) {
      out += "=\n";
      used = 0;
    }
    if (escaped) escape(out, line[i]);
    if (!escaped) out += line[i];
    used += size;
  }
}

}  // namespace

std::string encode_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    add_line(out, text.substr(0, end));
    out += '\n';
    text.remove_prefix(end + 1);
  }
  add_line(out, text);
  return out;
}

}  // namespace postern
