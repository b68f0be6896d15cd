// SPDX-License-Identifier: GPL-2.0-or-later
// What a transaction's recipients and its sender want: the action of each, and the copies for the live archive.
#include <algorithm>

#include "judge/transaction.h"
#include "mail/address.h"
#include "policy/archive_copies.h"

namespace postern {
namespace {

void add_words(std::string& reason, const std::string& words) {
  if (words.empty()) return;
  if (!reason.empty()) reason += "; ";
  reason += words;
}

}  // namespace

// The rows of each mailbox, as far as they can be had.
std::vector<PolicyChain> Transaction::policies_of(const std::vector<std::string>& mailboxes, Deadline deadline) {
  lap_ = steady_micros();
  const auto answer = session_.judge().store->policies(mailboxes, deadline);
  lap(Stage::kPolicy);
  auto chains = answer ? answer.value() : std::vector<PolicyChain>(mailboxes.size(), PolicyChain{{}, true, 0});
  const auto doubtful = [](const PolicyChain& chain) { return chain.last_known; };
  if (!stale_seconds_ && std::any_of(chains.begin(), chains.end(), doubtful)) {
    stale_seconds_ = session_.judge().store->stale_seconds().value_or(0);
  }
  return chains;
}

// Clean mail needs no policy, and costs no round trip, where there is no archive.
void Transaction::decide_actions(Outcome& outcome, Deadline deadline) {
  std::vector<RecipientAction> wanted;
  const Verdict verdict = outcome.judgement.verdict;
  std::vector<PolicyChain> chains(recipients_.size());
  if (verdict != Verdict::kClean || archives()) chains = policies_of(recipients_, deadline);
  for (size_t i = 0; i < recipients_.size(); ++i) {
    PolicyDecision decision = decide_policy(chains.at(i), verdict);
    if (outcome.judgement.bounce.lifted && is_bounce(verdict)) decision.action = soften(decision.action);
    wanted.push_back({recipients_[i], decision.action, std::move(decision.key)});
  }
  outcome.plan = plan_actions(verdict, wanted, session_.settings().quarantine_address, outcome.judgement.reason);
  if (!archives() || !is_archived(verdict)) return;
  add_words(outcome.plan.reason, archive(outcome.plan, archived_recipients(outcome.plan, chains), chains));
}

bool Transaction::archives() const { return !session_.settings().archive_address.empty(); }

void Transaction::archive_outbound(Outcome& outcome) {
  if (!archives()) return;
  std::vector<std::string> mailboxes = recipients_;
  mailboxes.push_back(clean_address(sender_));
  const auto chains = policies_of(mailboxes, Deadline::after(session_.settings().message_timeout));
  add_words(outcome.judgement.reason,
            archive(outcome.plan, archived_outbound(mailboxes.back(), recipients_, chains), chains));
}

// Puts the archive's addresses into the plan; gives what could not be done, in words.
std::string Transaction::archive(ActionPlan& plan, const std::vector<std::string>& mailboxes,
                                 const std::vector<PolicyChain>& chains) const {
  if (!mailboxes.empty() && !session_.may_archive()) return "not archived: the MTA takes no parameters of recipients";
  const std::string fault = add_archive_copies(plan, mailboxes, recipients_, session_.settings().archive_address);
  const auto unknown = [](const PolicyChain& chain) { return !decide_archive(chain).known; };
  if (!fault.empty() || std::none_of(chains.begin(), chains.end(), unknown)) return fault;
  return "whether to archive could not be asked for some";
}

}  // namespace postern
