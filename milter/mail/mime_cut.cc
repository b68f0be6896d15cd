// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/mime_cut.h"

#include <algorithm>
#include <string>

#include "base/strings.h"
#include "mail/decode.h"
#include "mail/lines.h"

namespace postern {
namespace {

constexpr size_t kMaxBoundary = 250;  // RFC 2046 allows 70

bool at_line_start(std::string_view text, size_t at) {
  return at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r';
}

struct Delimiter {
  size_t start = std::string_view::npos;
  size_t next = 0;    // where the following line starts
  bool last = false;  // "--boundary--"
};

// `mark` is "--" and the boundary.  What follows it on its line must be "--" or blank, so that no boundary is taken
// for another that it starts with.
Delimiter find_delimiter(std::string_view body, std::string_view mark, size_t from) {
  for (size_t at = body.find(mark, from); at != std::string_view::npos; at = body.find(mark, at + 1)) {
    if (!at_line_start(body, at)) continue;
    const size_t next = end_of_line(body, at);
    const std::string_view rest = trim(body.substr(at + mark.size(), next - at - mark.size()));
    if (rest.empty() || rest == "--") return {at, next, !rest.empty()};
  }
  return {};
}

// Without the line end, which belongs to the delimiter that follows.
std::string_view without_line_end(std::string_view text) {
  if (text.ends_with("\n")) text.remove_suffix(1);
  if (text.ends_with("\r")) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<std::string_view> cut_parts(std::string_view body, std::string_view boundary, size_t max) {
  std::vector<std::string_view> parts;
  while (boundary.ends_with(' ') || boundary.ends_with('\t')) boundary.remove_suffix(1);
  if (boundary.empty() || boundary.size() > kMaxBoundary) return parts;
  const std::string mark = "--" + std::string(boundary);
  Delimiter open = find_delimiter(body, mark, 0);
  while (open.start != std::string_view::npos && !open.last && parts.size() <= max) {
    const Delimiter close = find_delimiter(body, mark, open.next);
    const bool found = close.start != std::string_view::npos;
    const std::string_view part = body.substr(open.next, found ? close.start - open.next : std::string_view::npos);
    parts.push_back(found ? without_line_end(part) : part);
    open = close;
  }
  return parts;
}

std::string_view guess_boundary(std::string_view body) {
  LineReader lines(body);
  std::string_view line, mark;
  while (lines.next(line)) {
    if (!mark.empty() && starts_nocase(line, "content-")) return mark;
    const bool candidate = line.size() > 2 && line.starts_with("--") && !is_space(line[2]);
    mark = candidate ? trim(line.substr(2)) : std::string_view();
  }
  return {};
}

bool looks_base64(std::string_view text) {
  LineReader lines(text);
  std::string_view line;
  while (lines.next(line)) {
    line = trim(line);
    if (line.empty()) continue;
    return line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
           std::string_view::npos;
  }
  return false;
}

bool looks_quoted_printable(std::string_view text) {
  for (size_t at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const size_t next = text.find_first_not_of(" \t", at + 1);
    if (next == std::string_view::npos || text[next] == '\r' || text[next] == '\n') continue;
    if (!unhex(text.substr(at + 1, 2)) || text.size() < at + 3) return false;
  }
  return true;
}

size_t end_of_line(std::string_view text, size_t at) {
  const size_t end = line_end(text, at);
  if (end == text.size()) return end;
  return end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
}

size_t find_uuencode(std::string_view text, size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  for (size_t at = text.find("begin ", from); at != std::string_view::npos; at = text.find("begin ", at + 1)) {
    if (!at_line_start(text, at)) continue;
    const size_t data = end_of_line(text, at);
    if (uuencode_name(trim(text.substr(at, data - at))).empty() || data >= text.size()) continue;
    // The first data line says how long it is: 'M' is 45 bytes in 60 characters.
    const size_t length = end_of_line(text, data) - data;
    const size_t count = static_cast<size_t>(text[data] - ' ') & 0x3f;
    if (text[data] > ' ' && text[data] <= '`' && length >= 1 + (count + 2) / 3 * 4 - (count > 0 ? 3 : 0)) return at;
  }
  return std::string_view::npos;
}

std::string_view skip_blank_lines(std::string_view text) {
  LineReader lines(text);
  std::string_view line;
  while (lines.next(line)) {
    if (!trim(line).empty()) return text.substr(lines.start());
  }
  return {};
}

}  // namespace postern
