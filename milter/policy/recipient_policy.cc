// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/recipient_policy.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {
namespace {

constexpr std::string_view kFields = "spam, surespam, forged-bounce, unverified-bounce, bounce or archive";
constexpr std::string_view kActionWords = "deliver, tag, quarantine, delete or reject";
constexpr size_t kMaxKey = 320;  // RFC 5321 section 4.5.3.1: 64 + "@" + 255

// What applies where no row says anything, in the order of kPolicyVerdicts.
constexpr std::array<Action, kPolicyVerdicts.size()> kDefaults{Action::kTag, Action::kQuarantine, Action::kQuarantine,
                                                               Action::kQuarantine};

std::optional<size_t> index_of(Verdict verdict) {
  const auto* const found = std::find(kPolicyVerdicts.begin(), kPolicyVerdicts.end(), verdict);
  if (found == kPolicyVerdicts.end()) return std::nullopt;
  return static_cast<size_t>(found - kPolicyVerdicts.begin());
}

Status set_archive(PolicyRow& row, std::string_view value) {
  if (!equal_nocase(value, "on") && !equal_nocase(value, "off"))
    return invalid("field archive: \"" + printable(value, 40) + "\": expected on or off");
  row.archive = equal_nocase(value, "on");
  return Nothing{};
}

bool is_domain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
           c == '[' || c == ']' || c == ':';
  });
}

bool is_local_part(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '<' && c != '>';
  });
}

}  // namespace

std::optional<Action> PolicyRow::action(Verdict verdict) const {
  const auto index = index_of(verdict);
  return index ? actions.at(*index) : std::nullopt;
}

Status set_policy_field(PolicyRow& row, std::string_view field, std::string_view value) {
  field = trim(field);
  value = trim(value);
  if (equal_nocase(field, "archive")) return set_archive(row, value);
  const bool both = equal_nocase(field, "bounce");
  const auto verdict = parse_verdict(field);
  if (!both && (!verdict || !index_of(*verdict))) {
    return invalid("field \"" + printable(field, 40) + "\": expected " + std::string(kFields));
  }
  const auto action = parse_action(value);
  if (!action) {
    return invalid("field " + lower(field) + ": \"" + printable(value, 40) + "\" is not an action: expected " +
                   std::string(kActionWords));
  }
  for (size_t i = 0; i < kPolicyVerdicts.size(); ++i) {
    const Verdict each = kPolicyVerdicts.at(i);
    const bool bounce = each == Verdict::kForgedBounce || each == Verdict::kUnverifiedBounce;
    if (both ? bounce : each == *verdict) row.actions.at(i) = *action;
  }
  return Nothing{};
}

Result<PolicyRow> parse_policy_row(std::string_view text) {
  PolicyRow row;
  std::vector<std::string> seen;
  for (const std::string_view word : words(text)) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      return invalid("\"" + printable(word, 40) + "\": expected VERDICT=ACTION, for example spam=tag");
    }
    std::string field = lower(word.substr(0, equals));
    if (std::find(seen.begin(), seen.end(), field) != seen.end()) return invalid(field + "= stands twice");
    const Status done = set_policy_field(row, field, word.substr(equals + 1));
    if (!done) return done.error();
    seen.push_back(std::move(field));
  }
  if (seen.empty()) return invalid("empty row: expected VERDICT=ACTION, for example spam=tag surespam=quarantine");
  return row;
}

std::string to_string(const PolicyRow& row) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < kPolicyVerdicts.size(); ++i) {
    const auto action = row.actions.at(i);
    if (action)
      parts.push_back(std::string(to_string(kPolicyVerdicts.at(i))) + "=" + std::string(to_string(*action)));
  }
  if (row.archive) parts.emplace_back(*row.archive ? "archive=on" : "archive=off");
  return join(parts, " ");
}

Status check_policy_key(std::string_view who) {
  if (who == "*") return Nothing{};
  const std::string shown = "\"" + printable(who, 80) + "\"";
  if (who.size() > kMaxKey) return invalid(shown + " is too long: expected at most 320 characters");
  if (lower(who) != who) return invalid(shown + ": write it in lower case");
  const size_t at = who.rfind('@');
  if (at == std::string_view::npos || !is_domain(who.substr(at + 1)) ||
      (at > 0 && !is_local_part(who.substr(0, at)))) {
    return invalid(shown + " is not *, @domain, user@domain or user+detail@domain");
  }
  return Nothing{};
}

std::vector<std::string> policy_keys(std::string_view recipient) {
  recipient = trim(recipient);
  if (recipient.size() >= 2 && recipient.front() == '<' && recipient.back() == '>') {
    recipient = recipient.substr(1, recipient.size() - 2);
  }
  const std::string address = lower(recipient);
  std::vector<std::string> keys;
  const size_t at = address.rfind('@');
  if (at != std::string::npos && at + 1 < address.size()) {
    if (at > 0) keys.push_back(address);
    const size_t plus = address.find('+');
    if (plus != std::string::npos && plus > 0 && plus < at) {
      keys.push_back(address.substr(0, plus) + address.substr(at));
    }
    keys.push_back(address.substr(at));
  }
  keys.emplace_back("*");
  return keys;
}

PolicyDecision decide_policy(const PolicyChain& chain, Verdict verdict) {
  const auto index = index_of(verdict);
  if (!index) return {verdict == Verdict::kBlocked ? Action::kReject : Action::kDeliver, "default"};
  for (size_t i = 0; i < chain.rows.size(); ++i) {
    const auto& [key, row] = chain.rows[i];
    if (row.actions.at(*index)) return {*row.actions.at(*index), key + (i < chain.sure ? "" : "?")};
  }
  return {kDefaults.at(*index), chain.sure == PolicyChain::kAllSure ? "default" : "default?"};
}

ArchiveDecision decide_archive(const PolicyChain& chain) {
  for (size_t i = 0; i < chain.rows.size(); ++i) {
    const auto& [key, row] = chain.rows[i];
    if (row.archive) return {*row.archive, key == "*", i < chain.sure};
  }
  return {false, false, chain.sure == PolicyChain::kAllSure};
}

}  // namespace postern
