// SPDX-License-Identifier: GPL-2.0-or-later
// judge(): from facts to a verdict.
#include "policy/decide.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace postern {
namespace {

constexpr size_t kMaxReason = 90;  // Postfix cuts a hold reason at 100 bytes

std::string one_decimal(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

std::string capped(std::string text) {
  if (text.size() <= kMaxReason) return text;
  text.resize(kMaxReason - 3);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();  // UTF-8 tail
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.pop_back();
  return text + "...";
}

Verdict verdict_of(double score, const ScoreLimits& limits) {
  if (score >= limits.surespam) return Verdict::kSureSpam;
  return score >= limits.spam ? Verdict::kSpam : Verdict::kClean;
}

// "score 12.5: a picture is all there is in the PDF": the score and the words of the heaviest rule.
std::string score_reason(const RuleResult& rules) {
  const RuleHit* heaviest = nullptr;
  for (const RuleHit& hit : rules.hits) {
    if (hit.score > 0 && (heaviest == nullptr || hit.score > heaviest->score)) heaviest = &hit;
  }
  if (heaviest == nullptr) return "";
  return "score " + one_decimal(rules.score) + ": " + (heaviest->reason.empty() ? heaviest->name : heaviest->reason);
}

// What an unproved report is.
Verdict unproved(const BounceJudgement& bounce) {
  if (bounce.lifted) return Verdict::kUnverifiedBounce;
  const bool certain = !bounce.unavailable || bounce.quotes_headers_fully;
  return bounce.quotes_original && certain ? Verdict::kForgedBounce : Verdict::kUnverifiedBounce;
}

std::string bounce_reason(const BounceJudgement& bounce) {
  if (!bounce.reason.empty()) return bounce.reason;
  if (bounce.evidence != Evidence::kNone) {
    return "report about mail of ours, proved by " + std::string(to_string(bounce.evidence));
  }
  if (unproved(bounce) == Verdict::kForgedBounce) return "report about a message that we did not send";
  return bounce.unavailable ? "report that could not be verified now" : "report with nothing that could be verified";
}

}  // namespace

Action soften(Action action) { return action == Action::kDeliver ? action : Action::kTag; }

Judgement judge(RuleResult rules, BounceJudgement bounce, const ScoreLimits& limits) {
  Judgement out;
  out.verdict = verdict_of(rules.score, limits);
  out.reason = score_reason(rules);
  if (is_judged(bounce.kind)) {
    const Verdict held_back = unproved(bounce);
    if (bounce.evidence != Evidence::kNone && !bounce.lifted) {
      out.verdict = Verdict::kClean;
      out.reason = bounce_reason(bounce);
    } else if (bounce.state == BounceState::kEnforce) {
      out.verdict = held_back;
      out.reason = bounce_reason(bounce);
    } else if (bounce.state == BounceState::kMonitor) {
      out.would_be = held_back;
      if (out.verdict == Verdict::kClean) out.reason = "monitor only: " + bounce_reason(bounce);
    }
  }
  out.reason = capped(std::move(out.reason));
  out.rules = std::move(rules);
  out.bounce = std::move(bounce);
  return out;
}

}  // namespace postern
