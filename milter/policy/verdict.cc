// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/verdict.h"

#include "base/strings.h"

namespace postern {
namespace {

// Spellings in the order of the enumerations.
constexpr std::array<std::string_view, 6> kVerdicts{
    "clean", "spam", "surespam", "forged-bounce", "unverified-bounce", "blocked"};
constexpr std::array<std::string_view, 5> kActions{"deliver", "tag", "quarantine", "delete", "reject"};
constexpr std::array<std::string_view, 9> kKinds{"none",      "failure",   "delay",    "success", "mdn",
                                                 "autoreply", "challenge", "feedback", "other"};
constexpr std::array<std::string_view, 5> kEvidence{"none", "recipient", "message-id", "stamp", "tag"};
constexpr std::array<std::string_view, 3> kStates{"off", "monitor", "enforce"};

template <class Enum, size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& words, std::string_view text) {
  for (size_t i = 0; i < N; ++i) {
    if (equal_nocase(words.at(i), text)) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Verdict verdict) { return kVerdicts.at(static_cast<size_t>(verdict)); }
std::string_view to_string(Action action) { return kActions.at(static_cast<size_t>(action)); }
std::string_view to_string(BounceKind kind) { return kKinds.at(static_cast<size_t>(kind)); }
std::string_view to_string(Evidence evidence) { return kEvidence.at(static_cast<size_t>(evidence)); }
std::string_view to_string(BounceState state) { return kStates.at(static_cast<size_t>(state)); }

std::optional<Verdict> parse_verdict(std::string_view text) { return parse<Verdict>(kVerdicts, text); }
std::optional<Action> parse_action(std::string_view text) { return parse<Action>(kActions, text); }
std::optional<BounceKind> parse_bounce_kind(std::string_view text) { return parse<BounceKind>(kKinds, text); }
std::optional<BounceState> parse_bounce_state(std::string_view text) { return parse<BounceState>(kStates, text); }

}  // namespace postern
