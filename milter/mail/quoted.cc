// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/quoted.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "mail/lines.h"
#include "mail/report.h"

namespace postern {
namespace {

constexpr size_t kMaxBlock = 64 * 1024;
constexpr size_t kMaxStamp = 80;
constexpr size_t kMaxIdField = 1000;

constexpr std::array<std::string_view, 15> kCore{
    "received", "message-id",   "from", "to",     "subject",     "date",       "return-path",   "mime-version",
    "reply-to", "content-type", "cc",   "sender", "in-reply-to", "references", "dkim-signature"};

bool is_core(std::string_view name) {
  return std::any_of(kCore.begin(), kCore.end(), [name](std::string_view core) { return equal_nocase(core, name); });
}

// The name of the header field that a line starts with, or empty.  Without a blank after the colon only well-known
// names count, so that "http://", "10:30" and "550-5.1.1 host:" are no fields.
std::string_view field_name(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon > 80) return {};
  const std::string_view name = trim(line.substr(0, colon));
  const auto allowed = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  if (name.empty() || is_space(line[0]) || !std::all_of(name.begin(), name.end(), allowed)) return {};
  if (name[0] == '-' || name[0] == '.' || (name[0] >= '0' && name[0] <= '9')) return {};
  const bool blank = colon + 1 >= line.size() || is_space(line[colon + 1]);
  return blank || is_core(name) || starts_nocase(name, "x-") || equal_nocase(name, "content-transfer-encoding")
             ? name
             : std::string_view();
}

bool is_mbox_line(std::string_view line) { return line.starts_with("From ") || line.starts_with(">From "); }

// How the lines of a block are quoted.
struct Quoting {
  enum class Kind { kNone, kMark, kBar, kIndent } kind = Kind::kNone;
  size_t indent = 0;  // kIndent: blanks in front of each line

  // The length of the prefix of `line`; npos if it has none of this kind.
  size_t prefix(std::string_view line) const {
    size_t at = 0;
    switch (kind) {
      case Kind::kNone:
        return 0;
      case Kind::kMark:
        while (at < line.size() && line[at] == '>') at += at + 1 < line.size() && line[at + 1] == ' ' ? 2 : 1;
        return at > 0 ? at : std::string_view::npos;
      case Kind::kBar:
        if (!line.starts_with('|')) return std::string_view::npos;
        return line.starts_with("| ") ? 2 : 1;
      case Kind::kIndent:
        while (at < indent && at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
        return at == indent ? at : std::string_view::npos;
    }
    return std::string_view::npos;
  }
};

Quoting quoting_of(std::string_view line) {
  if (line.starts_with('>') && !line.starts_with(">From ")) return {Quoting::Kind::kMark, 0};
  if (line.starts_with('|')) return {Quoting::Kind::kBar, 0};
  const size_t indent = std::min(line.find_first_not_of(" \t"), line.size());
  if (indent > 0 && indent <= 8) return {Quoting::Kind::kIndent, indent};
  return {};
}

// Takes lines one by one and collects a block from them.
class BlockCollector {
 public:
  // True: the line belongs to the block.  False: there is no block, or it has just ended.
  bool take(std::string_view line, size_t start) {
    if (!open_) {
      const Quoting quoting = quoting_of(line);
      const std::string_view rest = line.substr(quoting.prefix(line));
      if (field_name(rest).empty()) return false;
      quoting_ = quoting;
      block_ = QuotedBlock{std::string(rest) + '\n', start, false};
      open_ = true;
      return true;
    }
    const size_t prefix = quoting_.prefix(line);
    const std::string_view rest = prefix == std::string_view::npos ? std::string_view() : line.substr(prefix);
    const bool folded = !rest.empty() && (rest[0] == ' ' || rest[0] == '\t') && !trim(rest).empty();
    if (folded || !field_name(rest).empty()) {
      if (block_.text.size() < kMaxBlock) block_.text.append(rest) += '\n';
      return true;
    }
    if (is_mbox_line(rest)) return true;
    block_.ended = trim(rest).empty();
    open_ = false;
    return false;
  }
  bool open() const { return open_; }
  QuotedBlock& block() { return block_; }
  bool indented() const { return quoting_.kind == Quoting::Kind::kIndent; }

 private:
  Quoting quoting_;
  QuotedBlock block_;
  bool open_ = false;
};

// "Your message / To: x / Subject: y": a summary in a report's own words, not a header.
bool is_summary(const HeaderBlock& header, bool indented) {
  if (header.find("message-id") != nullptr || header.find("received") != nullptr) return false;
  const auto core =
      std::count_if(header.fields.begin(), header.fields.end(), [](const Field& f) { return is_core(f.name); });
  return indented && core < 3;
}

bool is_stamp_char(char c) {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

// Where the value starts after a field name that ends at `at`: behind the colon, blanks, folds and quoting marks.
size_t value_start(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  if (at >= text.size() || text[at] != ':') return std::string_view::npos;
  ++at;
  while (at < text.size() && (is_space(text[at]) || text[at] == '>' || text[at] == '|')) ++at;
  return at;
}

void add_once(std::vector<std::string>& to, std::string value, size_t max) {
  if (!value.empty() && to.size() < max && std::find(to.begin(), to.end(), value) == to.end()) {
    to.push_back(std::move(value));
  }
}

void read_stamp(std::string_view text, size_t at, size_t max, LooseFields& out) {
  const size_t start = value_start(text, at);
  if (start == std::string_view::npos) return;
  size_t end = start;
  while (end < text.size() && end - start < kMaxStamp && is_stamp_char(text[end])) ++end;
  add_once(out.stamps, std::string(text.substr(start, end - start)), max);
}

void read_message_id(std::string_view text, size_t at, size_t max, LooseFields& out) {
  const size_t start = value_start(text, at);
  if (start == std::string_view::npos) return;
  const std::string_view rest = text.substr(start, kMaxIdField);
  const size_t close = rest.find('>');
  const size_t line = line_end(rest, 0);
  // An ID in <> may be folded; one without them ends with its line.
  const bool bracketed = rest.starts_with('<') && close != std::string_view::npos;
  const auto ids = find_message_ids(rest.substr(0, bracketed ? close + 1 : line), 1);
  if (!ids.empty()) add_once(out.message_ids, ids.front(), max);
}

}  // namespace

std::vector<QuotedBlock> find_quoted_blocks(std::string_view text, size_t max) {
  std::vector<QuotedBlock> found;
  BlockCollector collector;
  const auto keep = [&] {
    const HeaderBlock header = parse_header_block(collector.block().text);
    if (looks_like_message_header(header) && !is_summary(header, collector.indented()))
      found.push_back(collector.block());
  };
  LineReader lines(text);
  std::string_view line;
  while (found.size() < max && lines.next(line)) {
    const bool was_open = collector.open();
    if (collector.take(line, lines.start())) continue;
    if (!was_open) continue;
    keep();
    collector.take(line, lines.start());  // the line that ended one block may start another
  }
  if (collector.open() && found.size() < max) keep();
  return found;
}

bool looks_like_message_header(const HeaderBlock& block) {
  size_t core = 0, received = 0;
  bool anchored = false;
  for (const Field& field : block.fields) {
    if (!is_core(field.name)) continue;
    ++core;
    if (equal_nocase(field.name, "received")) ++received;
    anchored |= equal_nocase(field.name, "message-id") || equal_nocase(field.name, "received") ||
                equal_nocase(field.name, "from") || equal_nocase(field.name, "return-path");
  }
  return anchored && (core > 1 || received > 1);
}

bool looks_whole(const HeaderBlock& block) {
  return block.find("received") != nullptr && block.find("from") != nullptr &&
         (block.find("message-id") != nullptr || block.find("date") != nullptr);
}

void find_loose_fields(std::string_view text, size_t max_each, LooseFields& out) {
  for (size_t at = text.find('-'); at != std::string_view::npos; at = text.find('-', at + 1)) {
    if (at > 0 && lower(text[at - 1]) == 'x' && starts_nocase(text.substr(at - 1), kStampField)) {
      read_stamp(text, at - 1 + kStampField.size(), max_each, out);
    } else if (at >= 7 && starts_nocase(text.substr(at - 7), "message-id")) {
      read_message_id(text, at + 3, max_each, out);
    }
  }
}

}  // namespace postern
