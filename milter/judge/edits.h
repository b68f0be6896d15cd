// SPDX-License-Identifier: GPL-2.0-or-later
// Header edits of one message, as a list for whoever carries them out.  Our own fields only, and the Subject tag; a
// field inside an attached original is never touched.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/transaction.h"
#include "policy/keys.h"

namespace postern {

// The value of the first top-level X-Postern-ID that verifies for `sender`, or empty: mail that passes twice keeps
// its stamp (RFC-wise a trace field; `postsuper -r` and content filters re-inject).
std::string kept_stamp(const std::vector<HeaderField>& headers, const KeyTable& keys, std::string_view sender,
                       UnixTime now, Millis life);

// Whether a field is one of ours, which nobody else may bring along.
bool is_own_field(std::string_view name);

// Deletions of every top-level X-Postern-* field, highest index first, but for one whose value is `keep`.
std::vector<HeaderEdit> remove_own_headers(const std::vector<HeaderField>& headers, std::string_view keep);

// X-Postern-Verdict on whatever is not plain clean mail, and the Subject tag that the plan asks for.
void add_verdict_edits(const Judgement& judgement, const ActionPlan& plan,
                       const std::optional<std::string>& raw_subject, std::vector<HeaderEdit>& edits);

}  // namespace postern
