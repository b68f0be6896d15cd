// SPDX-License-Identifier: GPL-2.0-or-later
// A look at a body's bytes that may spare the trip to the inspector.  It searches for byte strings and takes nothing
// apart: whatever it does not know is for the inspector.  What it must never do is proven by filter_fuzz: to let a
// body pass in which the inspector would have found an attachment, a picture, a PDF, an archive or a report.
// The quoted originals, recipients and visible text of ordinary text are not its business: they count only with rules
// that look at the body alone and with automatic mail, and such messages are not put to it.
#pragma once

#include <string_view>
#include <vector>

#include "policy/facts.h"

namespace postern {

// What may be asked of a body before the inspector is: by the header alone.
enum class BodyShape {
  kOther,      // anything; only the inspector can tell
  kText,       // one text/plain or text/html, as it stands or quoted-printable
  kTextParts,  // multipart/alternative, mixed or related, which may hold nothing but such texts
};
BodyShape body_shape(const std::vector<HeaderField>& headers, std::string_view content_type);

// Whether a text holds what may be more than text: a uuencoded file, or the first bytes of a PDF, a picture or an
// archive, as they stand or quoted-printable.
bool may_hold_file(std::string_view text);

// Whether the body of a kTextParts message may hold more than text/plain and text/html parts without a file in them.
bool may_hold_more_than_text(std::string_view body);

}  // namespace postern
