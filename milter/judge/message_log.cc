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

std::string bounce_text(const BounceJudgement& bounce) {
  std::string text = std::string(to_string(bounce.kind)) + "/" + std::string(to_string(bounce.evidence));
  return text;
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

std::string message_line(const MessageLog& message) {
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
  if (judgement.bounce.kind != BounceKind::kNone) {
    line.add("bounce", bounce_text(judgement.bounce));
    if (is_judged(judgement.bounce.kind)) line.add("bounce-state", to_string(judgement.bounce.state));
  }
  line.add("action", message.monitor ? "monitor" : common_action(*message.plan));
  if (message.outbound) line.add("direction", "outbound");
  line.add("generation", message.session->tables()->generation).add("digest", message.session->tables()->digest);
  line.add("delay", message.seconds, 3);
  if (judgement.verdict != Verdict::kClean) add_recipients(line, *message.plan);
  line.reason(message.plan->reason.empty() ? judgement.reason : message.plan->reason);
  return line.text();
}

}  // namespace postern
