// SPDX-License-Identifier: GPL-2.0-or-later
// Does this report answer mail that we sent?  Combines what the inspector found (stamps, Message-IDs, failed
// recipients) with keys and tracking records, strongest evidence first, at most one round trip to the store.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/decide.h"
#include "policy/facts.h"
#include "store/store.h"

namespace postern {

struct VerifyOptions {
  Millis track_life{10 * 86'400'000LL};
  Millis grace{7 * 86'400'000LL};
  bool believe_recipient = true;  // false: `recipient` evidence only lifts a report out of quarantine
};

// The kind by MIME shape and headers; `by_rules` is the kind that a bounce= rule gave, used when the shape is silent.
BounceKind bounce_kind(const Facts& facts, BounceKind by_rules);

// Whom a report was sent to.
struct ReportRecipients {
  std::span<const std::string> addresses;  // without envelope tags
  std::string_view tagged;                 // the one whose tag is evidence; empty if none
};

// Judges a report for its envelope recipients (the senders of the mail it claims to answer).  Evidence for one of
// them is evidence for the report; the strictest state of their domains is its state.  The store is not called when
// the kind is not judged, when a tag or a stamp is valid, or when nothing could be looked up; else exactly once.
// A report that quotes a whole header is never believed for its failed recipient alone: our stamp would be in it.
// When the store is away (or the body could not be read), what does not quote a whole header is not judged: state
// monitor, unavailable.
BounceJudgement verify_bounce(const Facts& facts, BounceKind kind, const ReportRecipients& to, const Tables& tables,
                              Store& store, const VerifyOptions& options, UnixTime now, Deadline deadline);

// What to remember about an outbound message: its stamp, its Message-ID, each recipient.  `stamp` is the header's
// value; message_id may be empty.
TrackRecord make_track_record(const KeyTable& keys, std::string_view stamp, std::string_view sender,
                              std::string_view message_id, std::span<const std::string> recipients, UnixTime now);

}  // namespace postern
