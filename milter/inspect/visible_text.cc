// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/visible_text.h"

#include <algorithm>

#include "base/strings.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/mime_cut.h"

namespace postern {
namespace {

constexpr size_t kMaxPieces = 256;
constexpr size_t kMaxHtml = size_t{4} << 20;  // of one part: more than mail readers show without being asked

// Uuencoded files inside a text are attachments, not text.
std::string without_files(std::string_view text, size_t begin) {
  std::string out;
  size_t at = 0;
  while (begin != std::string_view::npos) {
    out.append(text.substr(at, begin - at));
    const size_t end = text.find("\nend", begin);
    at = end == std::string_view::npos ? text.size() : end_of_line(text, end + 1);
    begin = find_uuencode(text, at);
  }
  return out.append(text.substr(at));
}

bool is_html(const MimePart& part) { return part.type.value == "text/html"; }

}  // namespace

bool VisibleText::shows(const MimePart& part) {
  if (part.message_depth > 0 || part.disposition.value == "attachment" || part.encoding == "uuencode") return false;
  if (part.no_boundary) return part.depth == 0;  // shown as it stands
  if (part.type.value == "text/plain" || is_html(part))
    return part.name.empty() || part.disposition.value != "attachment";
  return part.name.empty() && (part.type.value == "text/enriched" || part.type.value == "text/x-amp-html");
}

// Multiparts that the walk has left are deeper than, or beside, whatever comes next.
size_t VisibleText::group_at(size_t depth) {
  while (!open_.empty() && open_.back().depth >= depth) open_.pop_back();
  return open_.empty() ? 0 : open_.back().group;
}

void VisibleText::enter_multipart(const MimePart& part) {
  const size_t outer = group_at(part.depth);
  const bool alternatives = part.type.value == "multipart/alternative";
  open_.push_back({part.depth, alternatives ? ++groups_ : outer});
}

void VisibleText::add(const MimePart& part, std::string_view decoded) {
  if (pieces_.size() >= kMaxPieces) return;
  Piece piece;
  piece.group = group_at(part.depth);
  piece.html = is_html(part);
  std::string text;
  if (piece.html) {
    text = html_to_text(to_utf8(decoded.substr(0, kMaxHtml), part.type.param("charset")));
  } else {
    const size_t file = find_uuencode(decoded, 0);
    if (file == std::string_view::npos) {
      text = to_utf8(decoded, part.type.param("charset"));
    } else {
      text = to_utf8(without_files(decoded, file), part.type.param("charset"));
    }
  }
  piece.characters = count_visible(text);
  text.resize(std::min(text.size(), keep_));
  piece.start = std::move(text);
  pieces_.push_back(std::move(piece));
}

bool VisibleText::hidden(const Piece& piece) const {
  return piece.group != 0 && !piece.html && std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& other) {
           return other.group == piece.group && other.html;
         });
}

uint64_t VisibleText::characters() const {
  uint64_t sum = 0;
  for (const Piece& piece : pieces_) sum += hidden(piece) ? 0 : piece.characters;
  return sum;
}

std::string VisibleText::start() const {
  std::string out;
  for (const Piece& piece : pieces_) {
    if (hidden(piece)) continue;
    if (!out.empty() && out.back() != '\n') out += '\n';
    out += piece.start;
    if (out.size() >= keep_) break;
  }
  out.resize(std::min(out.size(), keep_));
  return out;
}

}  // namespace postern
