// SPDX-License-Identifier: GPL-2.0-or-later
// A quarantined message as words: its fields decoded, why it was held, and what a reader may see of its text.  The
// bytes are hostile: everything comes out as UTF-8 without control characters, to be escaped by the page; nothing of
// HTML survives.  Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct MessageSummary {
  std::string from, to, subject, date;
  std::string why;    // "Surely spam, with 12.5 points: ..."
  std::string rules;  // "A, B"; empty if none is known
};

struct MessageView {
  MessageSummary summary;
  std::string text;
  bool cut = false;  // there is more
  struct Attachment {
    std::string name, type;
  };
  std::vector<Attachment> attachments;
};

// What X-Postern-Verdict says, in words: "spam; score=7.5; rules=A,B; bounce=failure/none (reason)".
struct VerdictWords {
  std::string why, rules;
};
VerdictWords verdict_words(std::string_view field);
// `header` is a header block, or a part of one.
MessageSummary summarize(std::string_view header);
// At most about `max_bytes` of text.
MessageView view_message(std::string_view message, size_t max_bytes);
// What is told of a text outside of the portal: cut at about 300 bytes, with its URLs and domains spelt so that mail
// programs make no links of them: "http[:]//example[.]com".  Addresses stay as they are.
std::string unlinked(std::string_view text);
// Why it was held, and the rules that hit.
std::string why_of(const MessageSummary& summary);
// UTF-8 as it is, any other byte and every control character but those in `kept` as U+FFFD; direction overrides too.
std::string shown(std::string_view text, std::string_view kept = "");

}  // namespace postern
