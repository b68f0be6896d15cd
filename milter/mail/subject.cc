// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/subject.h"

#include "base/strings.h"
#include "mail/header.h"

namespace postern {
namespace {

constexpr size_t kMaxLine = 900;  // RFC 5322 section 2.1.1 allows 998, the name and the line end included

}  // namespace

std::string tag_subject(std::string_view raw, std::string_view tag) {
  size_t blanks = 0;
  while (blanks < raw.size() && (raw[blanks] == ' ' || raw[blanks] == '\t')) ++blanks;
  const std::string_view text = raw.substr(blanks);
  const std::string_view mark = trim(tag);
  if (mark.empty() || starts_nocase(trim(decode_words(unfold(text))), mark)) return std::string(raw);
  std::string out(raw.substr(0, blanks));
  if (trim(text).empty()) return out + std::string(mark);
  out += tag;
  const size_t line = std::min(text.find_first_of("\r\n"), text.size());
  if (out.size() + line > kMaxLine) out += "\n ";
  out += text;
  return out;
}

}  // namespace postern
