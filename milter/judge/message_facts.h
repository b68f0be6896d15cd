// SPDX-License-Identifier: GPL-2.0-or-later
// Facts that the top-level headers give, and whether anything in the body can still matter.  Pure.
#pragma once

#include <string_view>
#include <vector>

#include "policy/facts.h"

namespace postern {

// Fills the members of MessageFacts that come from `headers` (values unfolded, undecoded).
void read_headers(const std::vector<HeaderField>& headers, MessageFacts& facts);

// How much of the body is needed, judged from the headers alone.
enum class BodyNeed {
  kAll,    // it may hold a report, a PDF or a picture
  kPeek,   // plain text: only its start, in case a file is pasted in
};
BodyNeed body_need(const std::vector<HeaderField>& headers, const MessageFacts& facts);

// Whether the start of a text holds what only the inspector can judge: a uuencoded file or a PDF ("%PDF-" within the
// first 1,024 bytes).
bool peek_finds_file(std::string_view text);

// Whether the message may be automatic mail: the sender, the subject or a header says so.  Errs on the side of yes.
bool maybe_automatic(const std::vector<HeaderField>& headers, const MessageFacts& facts);

// Facts that need both headers and attachments: subject_is_attachment.
void compare_attachments(const BodyFacts& body, MessageFacts& facts);

}  // namespace postern
