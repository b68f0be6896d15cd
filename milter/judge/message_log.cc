// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/message_log.h"

#include "base/log.h"
#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kShownRecipients = 20;
constexpr size_t kShownRules = 12;

std::string client_text(const Client& client) {
  if (!client.address) return "[local]";
  return "[" + to_string(*client.address) + "]";
}

std::string rule_names(const RuleResult& rules) {
  std::vector<std::string> names;
  for (const RuleHit& hit : rules.hits) {
    if (names.size() == kShownRules) break;
    names.push_back(hit.name);
  }
  if (rules.hits.size() > kShownRules) names.emplace_back("...");
  return names.empty() ? "-" : join(names, ",");
}

// "bounce=failure/none" where the report was judged; "bounce=monitor, report=failure/none, would-be=forged-bounce"
// where its domain is only watched.
void add_bounce(LogLine& line, const Judgement& judgement) {
  const BounceJudgement& bounce = judgement.bounce;
  if (bounce.kind == BounceKind::kNone) return;
  const std::string report = std::string(to_string(bounce.kind)) + "/" + std::string(to_string(bounce.evidence));
  if (!is_judged(bounce.kind) || bounce.state == BounceState::kEnforce) {
    line.add("bounce", report);
    return;
  }
  line.add("bounce", to_string(bounce.state)).add("report", report);
  if (judgement.would_be != Verdict::kClean) line.add("would-be", to_string(judgement.would_be));
}

void add_recipients(LogLine& line, const ActionPlan& plan) {
  size_t shown = 0;
  for (const RecipientAction& each : plan.recipients) {
    if (++shown > kShownRecipients) {
      line.add("more-recipients", plan.recipients.size() - kShownRecipients);
      return;
    }
    line.add_address("to", each.recipient)
        .also("action", to_string(each.action))
        .also("policy", each.policy_key);
  }
}

}  // namespace

std::string common_action(const ActionPlan& plan) {
  if (plan.recipients.empty()) return std::string(to_string(Action::kDeliver));
  for (const RecipientAction& each : plan.recipients) {
    if (each.action != plan.recipients.front().action) return "mixed";
  }
  return std::string(to_string(plan.recipients.front().action));
}

LogLine message_line(const MessageLog& message) {
  const Judgement& judgement = *message.judgement;
  LogLine line(message.id);
  line.add("client", client_text(message.session->client()))
      .add_address("from", message.facts->message.sender)
      .add_address("to", message.first_recipient)
      .add("nrcpt", message.facts->message.recipients)
      .add("size", message.facts->message.bytes)
      .add("verdict", to_string(judgement.verdict))
      .add("score", judgement.rules.score, 1)
      .add("rules", rule_names(judgement.rules));
  add_bounce(line, judgement);
  line.add("action", message.monitor ? "monitor" : common_action(*message.plan));
  if (!message.plan->archive.empty()) {
    const bool watching = message.session->settings().mode == Mode::kMonitor;
    line.add("archive", watching ? "monitor" : std::to_string(message.plan->archive.size()));
  }
  if (message.outbound) line.add("direction", "outbound");
  line.add("generation", message.session->tables()->generation).add("digest", message.session->tables()->digest);
  if (message.stale_seconds) line.add("stale", *message.stale_seconds);
  line.add("delay", message.seconds, 3);
  if (judgement.verdict != Verdict::kClean) add_recipients(line, *message.plan);
  line.reason(message.plan->reason.empty() ? judgement.reason : message.plan->reason);
  return line;
}

}  // namespace postern
