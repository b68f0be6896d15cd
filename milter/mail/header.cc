// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/header.h"

#include <algorithm>

#include "base/strings.h"
#include "mail/charset.h"
#include "mail/decode.h"
#include "mail/lines.h"

namespace postern {
namespace {

constexpr size_t kMaxMessageId = 900;  // one line of RFC 5322 section 2.1.1

// The line that mbox files put before a message, also as some MTAs quote it.
bool is_mbox_line(std::string_view line) {
  if (line.starts_with('>')) line.remove_prefix(1);
  return line.starts_with("From ");
}

// One encoded-word at text[at..]; gives its end, or 0 if there is none.
size_t encoded_word(std::string_view text, size_t at, std::string& charset, std::string& bytes) {
  const size_t mark = text.find('?', at + 2);
  if (mark == std::string_view::npos || mark + 2 >= text.size() || text[mark + 2] != '?') return 0;
  const char kind = lower(text[mark + 1]);
  const size_t end = text.find("?=", mark + 3);
  if (end == std::string_view::npos || (kind != 'b' && kind != 'q')) return 0;
  const std::string_view name = text.substr(at + 2, mark - at - 2);
  if (name.empty() || name.find_first_of(" \t\r\n") != std::string_view::npos) return 0;
  charset = lower(name.substr(0, name.find('*')));  // RFC 2231 section 5: a language may follow
  const std::string_view data = text.substr(mark + 3, end - mark - 3);
  bytes =
      kind == 'b' ? decode_base64(data, data.size()).bytes : decode_quoted_printable(data, data.size(), true).bytes;
  return end + 2;
}

bool only_blanks(std::string_view text) { return trim(text).empty(); }

// Adds the words collected so far; a character may be split between two of them.
void flush_words(std::string& out, std::string& bytes, const std::string& charset) {
  out += to_utf8(bytes, charset);
  bytes.clear();
}

}  // namespace

const Field* HeaderBlock::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (equal_nocase(field.name, name)) return &field;
  }
  return nullptr;
}

std::string HeaderBlock::value(std::string_view name) const {
  const Field* field = find(name);
  return field == nullptr ? std::string() : unfold(field->raw);
}

bool is_field_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

HeaderBlock parse_header_block(std::string_view text, size_t max_fields) {
  HeaderBlock block;
  LineReader lines(text);
  std::string_view line;
  bool first = true;
  while (lines.next(line)) {
    const size_t end = lines.start() + line.size();
    if (line.empty()) {
      block.size = lines.offset();
      block.ended = true;
      return block;
    }
    if ((line[0] == ' ' || line[0] == '\t') && !block.fields.empty()) {
      Field& last = block.fields.back();
      const size_t start = static_cast<size_t>(last.raw.data() - text.data());
      // A field that was skipped keeps its continuation lines to itself.
      if (block.fields.size() < max_fields) last.raw = text.substr(start, end - start);
      block.size = lines.offset();
      continue;
    }
    const size_t colon = line.find(':');
    const std::string_view name = colon == std::string_view::npos ? "" : trim(line.substr(0, colon));
    if (is_field_name(name)) {
      if (block.fields.size() < max_fields) block.fields.push_back({name, line.substr(colon + 1)});
    } else if (!first || !is_mbox_line(line)) {
      block.size = lines.start();
      return block;
    }
    first = false;
    block.size = lines.offset();
  }
  return block;
}

std::string unfold(std::string_view raw) {
  raw = trim(raw);
  const auto is_line_end = [](char c) { return c == '\r' || c == '\n'; };
  std::string out;
  out.reserve(raw.size());
  for (auto at = raw.begin(); at != raw.end();) {
    const auto end = std::find_if(at, raw.end(), is_line_end);
    out.append(at, end);
    if (end == raw.end()) break;
    out += ' ';
    at = std::find_if_not(end, raw.end(), is_space);
  }
  return out;
}

std::string decode_words(std::string_view value) {
  std::string out, bytes, charset, next_charset, next_bytes;
  size_t plain = 0;  // where the text that is not yet copied starts
  bool after_word = false;
  for (size_t at = value.find("=?"); at != std::string_view::npos; at = value.find("=?", at)) {
    const size_t end = encoded_word(value, at, next_charset, next_bytes);
    if (end == 0) {
      at += 2;
      continue;
    }
    const std::string_view between = value.substr(plain, at - plain);
    const bool joined = after_word && only_blanks(between);  // RFC 2047 section 6.2
    if (!joined || next_charset != charset) flush_words(out, bytes, charset);
    if (!joined) out += between;
    charset = next_charset;
    bytes += next_bytes;
    after_word = true;
    plain = at = end;
  }
  flush_words(out, bytes, charset);
  out += value.substr(plain);
  return out;
}

std::string clean_message_id(std::string_view text) {
  std::string out;
  text = text.substr(0, kMaxMessageId);
  out.reserve(text.size() + 2);
  out += '<';
  for (const char c : text) {
    if (!is_space(c) && c != '<' && c != '>') out += c;
  }
  if (out.size() == 1) return {};
  out += '>';
  return out;
}

std::vector<std::string> find_message_ids(std::string_view value, size_t max) {
  std::vector<std::string> found;
  const auto add = [&](std::string_view text) {
    std::string id = clean_message_id(text);
    if (!id.empty() && found.size() < max && std::find(found.begin(), found.end(), id) == found.end()) {
      found.push_back(std::move(id));
    }
  };
  bool bracketed = false;
  for (size_t open = value.find('<'); open != std::string_view::npos && found.size() < max;) {
    const size_t close = value.find('>', open + 1);
    if (close == std::string_view::npos) {  // cut off: take the word
      const auto rest = words(value.substr(open + 1));
      if (!rest.empty()) add(rest.front());
      return found;
    }
    add(value.substr(open + 1, close - open - 1));
    bracketed = true;
    open = value.find('<', close + 1);
  }
  if (bracketed) return found;
  for (const std::string_view word : words(value)) {
    if (word.find('@') != std::string_view::npos || words(value).size() == 1) add(word);
  }
  return found;
}

}  // namespace postern
