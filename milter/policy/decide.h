// SPDX-License-Identifier: GPL-2.0-or-later
// From facts to a verdict, and from a verdict and the recipients' policies to edits of one message.  Pure: no I/O,
// no clock, so that a decision can be replayed from plain values.
#pragma once

#include <string>
#include <vector>

#include "policy/recipient_policy.h"
#include "policy/rules.h"
#include "policy/verdict.h"

namespace postern {

// What bounce/ found out about a report.
struct BounceJudgement {
  BounceKind kind = BounceKind::kNone;
  Evidence evidence = Evidence::kNone;
  BounceState state = BounceState::kMonitor;
  bool quotes_original = false;
  bool quotes_headers_fully = false;  // that quote is whole, so that a stamp of ours would be in it
  bool unavailable = false;           // evidence could not be looked up (store away)
  bool lifted = false;                // the evidence is too weak to be believed: it only keeps out of quarantine
  std::string reason;                 // in words
};

struct Judgement {
  Verdict verdict = Verdict::kClean;
  Verdict would_be = Verdict::kClean;  // what monitor mode of bounces held back
  RuleResult rules;
  BounceJudgement bounce;
  std::string reason;  // in words
};

struct ScoreLimits {
  double spam = 5.0;
  double surespam = 10.0;
};

// A bounce that proves itself is clean whatever its score.  One whose evidence only lifts it out of quarantine is an
// unverified-bounce (soften() keeps its actions mild).  A judged bounce that does neither is forged-bounce when it
// quotes an original, else unverified-bounce, where its domain enforces; elsewhere would_be says so and the score
// decides, as for all other mail.  While evidence cannot be looked up, only a report that quotes a whole header block
// is called forged (it would hold our stamp, which needs no look-up).
Judgement judge(RuleResult rules, BounceJudgement bounce, const ScoreLimits& limits);

// The harshest action for a report that its evidence lifts out of quarantine: what is worse than tag becomes tag.
Action soften(Action action);

struct RecipientAction {
  std::string recipient;  // as the MTA gave it
  Action action = Action::kDeliver;
  std::string policy_key;
};

// The edits that carry out a verdict, mixed wishes included (postern-milter(8), Actions).  Applied by filter/actions
// only.
struct ActionPlan {
  enum class Final { kAccept, kReject, kDiscard, kHold };
  Final final = Final::kAccept;
  std::vector<RecipientAction> recipients;  // what each one really gets
  std::vector<std::string> remove;          // recipients to take off
  std::vector<std::string> add;             // recipients to put on
  std::vector<std::string> archive;         // the archive's addresses to put on, about which nobody gets a report
  std::string subject_tag;                  // "[SPAM] " or empty
  std::string reason;                       // for the SMTP reply, hold reason and log
};

// `wanted` holds what each recipient's policy asks for; `quarantine_address` is the template, empty for the MTA's
// hold queue.  Never loses a recipient: what cannot be done is delivered tagged.
// - reject counts only when every recipient asks for it, else it is quarantine;
// - delete takes the recipient off, kDiscard when every recipient asks for it;
// - the hold queue takes the message when all recipients that are left after deletions ask for quarantine.
// The edits are to be applied in the order remove, add: an address may be in both.
ActionPlan plan_actions(Verdict verdict, const std::vector<RecipientAction>& wanted,
                        std::string_view quarantine_address, std::string_view reason);

// Puts into a plan's edits what the MTA knows: `plan` speaks of the recipients `counted`, which came as `given` (in
// the same order).  Where the two differ, the given one is taken off, and the counted one put on if it stays.
void restore_recipients(const std::vector<std::string>& given, const std::vector<std::string>& counted,
                        ActionPlan& plan);

// "[SPAM] ", "[SURESPAM] " or "[BOUNCE?] "; empty for clean mail.
std::string_view subject_tag(Verdict verdict);

}  // namespace postern
