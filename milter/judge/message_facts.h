// SPDX-License-Identifier: GPL-2.0-or-later
// Facts that the top-level headers give.  Pure.
#pragma once

#include <string_view>
#include <vector>

#include "policy/facts.h"

namespace postern {

// Fills the members of MessageFacts that come from `headers` (values unfolded, undecoded).
void read_headers(const std::vector<HeaderField>& headers, MessageFacts& facts);

// Whether a message that we send may hold a picture or a PDF, judged from its type.
bool may_hold_pictures(const MessageFacts& facts);

// Whether the message may be automatic mail: the sender, the subject or a header says so.  Errs on the side of yes.
bool maybe_automatic(const std::vector<HeaderField>& headers, const MessageFacts& facts);

// Facts that need both headers and attachments: subject_is_attachment.
void compare_attachments(const BodyFacts& body, MessageFacts& facts);

}  // namespace postern
