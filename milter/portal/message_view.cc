// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/message_view.h"

#include <algorithm>

#include "base/strings.h"
#include "mail/charset.h"
#include "mail/header.h"
#include "mail/html.h"
#include "mail/mime.h"
#include "portal/http.h"

namespace postern {
namespace {

constexpr std::string_view kUnknown = "\xef\xbf\xbd";  // U+FFFD
constexpr size_t kMaxField = 1000;
constexpr size_t kMaxAttachments = 100;
constexpr size_t kTold = 300;  // bytes of a text in a digest or a feed

// Characters that make text look like other text (direction marks and overrides, isolates), and U+FFFE and U+FFFF,
// which are none and which no XML may hold.
bool misleads(std::string_view character) {
  if (character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf") return true;
  return character.size() == 3 && character[0] == '\xe2' &&
         ((character[1] == '\x80' && (character[2] == '\x8e' || character[2] == '\x8f' ||
                                      (character[2] >= '\xaa' && character[2] <= '\xae'))) ||
          (character[1] == '\x81' && character[2] >= '\xa6' && character[2] <= '\xa9'));
}

size_t character_size(std::string_view text) {
  for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

std::string one_line(std::string_view raw) {
  std::string text = shown(decode_words(unfold(raw)));
  if (text.size() <= kMaxField) return text;
  size_t end = kMaxField;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return text.substr(0, end) + "…";
}

std::string field(const HeaderBlock& header, std::string_view name, std::string_view otherwise) {
  const Field* found = header.find(name);
  std::string text = found == nullptr ? "" : one_line(found->raw);
  return trim(text).empty() ? std::string(otherwise) : text;
}

std::string_view word_for(std::string_view verdict) {
  if (verdict == "spam") return "Probably spam";
  if (verdict == "surespam") return "Surely spam";
  if (verdict == "forged-bounce") return "A report about mail that was not sent from here";
  if (verdict == "unverified-bounce") return "A report of which nothing proves that it answers mail from here";
  if (verdict == "blocked") return "From a network that may not deliver here";
  if (verdict == "clean") return "Nothing was found";
  return "";
}

MessageSummary summarize(const HeaderBlock& header) {
  MessageSummary out;
  out.from = field(header, "From", "(no sender)");
  out.to = field(header, "To", "(no recipient)");
  out.subject = field(header, "Subject", "(no subject)");
  out.date = field(header, "Date", "(no date)");
  const Field* verdict = header.find("X-Postern-Verdict");
  const VerdictWords words = verdict_words(verdict == nullptr ? "" : unfold(verdict->raw));
  out.why = words.why;
  out.rules = words.rules;
  return out;
}

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || (c & 0x80) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// <user@example.com>, with at most what encloses an address.
bool is_address(std::string_view word) {
  while (!word.empty() && std::string_view("<(\"'").find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  while (!word.empty() && std::string_view(">)\"',;").find(word.back()) != std::string_view::npos)
    word.remove_suffix(1);
  return std::count(word.begin(), word.end(), '@') == 1 && std::all_of(word.begin(), word.end(), [](char c) {
           return (is_alnum(c) && (c & 0x80) == 0) || std::string_view("@.+_=-").find(c) != std::string_view::npos;
         });
}

void add_word(std::string& out, std::string_view word) {
  const bool address = is_address(word);
  for (size_t i = 0; i < word.size(); ++i) {
    const bool between = i > 0 && i + 1 < word.size();
    const bool scheme = word.substr(i).starts_with("://");
    // "12.5" and "a. b" are no domains.
    const bool dot = word[i] == '.' && between && is_alnum(word[i - 1]) && is_alnum(word[i + 1]) &&
                     !(is_digit(word[i - 1]) && is_digit(word[i + 1]));
    if (scheme || (dot && !address)) {
      out.append("[").append(1, word[i]) += ']';
    } else {
      out += word[i];
    }
  }
}

std::string cut(std::string_view text) {
  if (text.size() <= kTold) return std::string(text);
  size_t end = kTold;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

class Viewer : public MimeVisitor {
 public:
  Viewer(MessageView& view, size_t max_bytes) : view_(view), left_(max_bytes) {}

  void leaf(const MimePart& part, std::string_view decoded) override {
    const bool plain = part.type.value == "text/plain";
    const bool html = part.type.value == "text/html";
    if ((plain || html) && part.name.empty() && part.disposition.value != "attachment") {
      std::string text = to_utf8(decoded, part.type.param("charset"));
      add(html ? html_to_text(text, left_) : std::move(text), html);
      return;
    }
    if (view_.attachments.size() == kMaxAttachments) return;
    view_.attachments.push_back({part.name.empty() ? "(no name)" : shown(part.name), shown(part.type.value)});
  }

  void attached_message(const MimePart&, const HeaderBlock& header, std::string_view) override {
    add("---- attached message: " + field(header, "Subject", "(no subject)") + "\n", false);
  }

  // Of a text that comes in two forms the plain one is enough.
  void finish() {
    view_.text = plain_.empty() ? html_ : plain_;
    if (trim(view_.text).empty()) view_.text = "(no text)";
  }

 private:
  void add(std::string text, bool html) {
    std::string& out = html ? html_ : plain_;
    view_.cut = view_.cut || text.size() > left_;
    std::string seen = shown(std::string_view(text).substr(0, left_), "\n\t");
    left_ -= std::min(left_, text.size());
    if (!out.empty() && !seen.empty()) out += "\n\n";
    out += seen;
  }

  MessageView& view_;
  size_t left_;
  std::string plain_, html_;
};

}  // namespace

std::string shown(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x20 || first == 0x7f) {
      if (kept.find(text.front()) != std::string_view::npos) {
        out += text.front();
      } else if (text.front() != '\r') {
        out += text.front() == '\t' || text.front() == '\n' ? std::string_view(" ") : kUnknown;
      }
      text.remove_prefix(1);
      continue;
    }
    const size_t size = character_size(text);
    const std::string_view character = text.substr(0, size == 0 ? 1 : size);
    const bool control = size == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    out += size == 0 || control || misleads(character) ? kUnknown : character;
    text.remove_prefix(character.size());
  }
  return out;
}

VerdictWords verdict_words(std::string_view text) {
  VerdictWords out;
  const size_t open = text.find('(');
  std::string reason;
  if (open != std::string_view::npos) {
    const size_t close = text.rfind(')');
    if (close != std::string_view::npos && close > open) reason = shown(text.substr(open + 1, close - open - 1));
    text = text.substr(0, open);
  }
  const auto parts = split(text, ';');
  out.why = word_for(trim(parts.front()));
  if (out.why.empty()) return {"Not known: the message carries no verdict of ours", ""};
  for (const std::string_view each : parts) {
    const std::string_view part = trim(each);
    if (part.starts_with("score=") && part != "score=0.0") out.why += ", with " + shown(part.substr(6)) + " points";
    if (!part.starts_with("rules=")) continue;
    for (const std::string_view rule : split(part.substr(6), ',')) {
      out.rules += (out.rules.empty() ? "" : ", ") + shown(trim(rule));
    }
  }
  if (!reason.empty()) out.why += ": " + reason;
  return out;
}

std::string unlinked(std::string_view text) {
  const std::string whole = cut(text);
  std::string out;
  size_t start = 0;
  while (start < whole.size()) {
    const size_t end = std::min(whole.find(' ', start), whole.size());
    add_word(out, std::string_view(whole).substr(start, end - start));
    if (end < whole.size()) out += ' ';
    start = end + 1;
  }
  return out;
}

std::string why_of(const MessageSummary& summary) {
  return unlinked(summary.why) + (summary.rules.empty() ? "" : " (" + unlinked(summary.rules) + ")");
}

MessageSummary summarize(std::string_view header) { return summarize(parse_header_block(header)); }

MessageView view_message(std::string_view message, size_t max_bytes) {
  MessageView view;
  const HeaderBlock header = parse_header_block(message);
  view.summary = summarize(header);
  MimeLimits limits;
  limits.depth = 16;
  limits.parts = 500;
  limits.decoded_bytes = size_t{8} << 20;
  Viewer viewer(view, max_bytes);
  const MimeSummary summary = walk_mime(message.substr(0, header.size), message.substr(header.size), limits, viewer);
  view.cut = view.cut || summary.limited;
  viewer.finish();
  return view;
}

}  // namespace postern
