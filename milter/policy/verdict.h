// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the decision: verdicts, actions, bounce kinds and evidence, each with its spelling in tables,
// settings, headers and log lines.  One place for the spelling; nothing is decided here.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace postern {

enum class Verdict { kClean, kSpam, kSureSpam, kForgedBounce, kUnverifiedBounce, kBlocked };
enum class Action { kDeliver, kTag, kQuarantine, kDelete, kReject };
// Kinds of automatic mail (RFC 3464, 8098, 3834, 5965); kNone is ordinary mail.
enum class BounceKind { kNone, kFailure, kDelay, kSuccess, kMdn, kAutoreply, kChallenge, kFeedback, kOther };
// What proves that a report answers our mail, strongest first.
enum class Evidence { kNone, kRecipient, kMessageId, kStamp, kTag };
// Whether a domain's bounces are judged.
enum class BounceState { kOff, kMonitor, kEnforce };

std::string_view to_string(Verdict verdict);          // "forged-bounce"
std::string_view to_string(Action action);            // "quarantine"
std::string_view to_string(BounceKind kind);          // "failure"; "none"
std::string_view to_string(Evidence evidence);        // "message-id"; "none"
std::string_view to_string(BounceState state);        // "enforce"
std::optional<Verdict> parse_verdict(std::string_view text);
std::optional<Action> parse_action(std::string_view text);
std::optional<BounceKind> parse_bounce_kind(std::string_view text);
std::optional<BounceState> parse_bounce_state(std::string_view text);

// Only delivery reports are judged as bounces.
constexpr bool is_judged(BounceKind kind) {
  return kind == BounceKind::kFailure || kind == BounceKind::kDelay || kind == BounceKind::kSuccess;
}
constexpr bool is_bounce(Verdict verdict) {
  return verdict == Verdict::kForgedBounce || verdict == Verdict::kUnverifiedBounce;
}
// Verdicts that a policy row can name, in the order of to_string().
constexpr std::array<Verdict, 4> kPolicyVerdicts{Verdict::kSpam, Verdict::kSureSpam, Verdict::kForgedBounce,
                                                 Verdict::kUnverifiedBounce};

}  // namespace postern
