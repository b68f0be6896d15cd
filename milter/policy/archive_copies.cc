// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/archive_copies.h"

#include <set>

#include "base/strings.h"
#include "policy/address_template.h"

namespace postern {

bool is_archived(Verdict verdict) {
  return verdict == Verdict::kClean || verdict == Verdict::kUnverifiedBounce;
}

std::vector<std::string> archived_recipients(const ActionPlan& plan, const std::vector<PolicyChain>& chains) {
  std::vector<std::string> mailboxes;
  if (plan.final != ActionPlan::Final::kAccept) return mailboxes;
  for (size_t i = 0; i < plan.recipients.size(); ++i) {
    const Action action = plan.recipients[i].action;
    const bool arrives = action == Action::kDeliver || action == Action::kTag;
    if (arrives && decide_archive(chains.at(i)).on) mailboxes.push_back(plan.recipients[i].recipient);
  }
  return mailboxes;
}

std::vector<std::string> archived_outbound(std::string_view sender, const std::vector<std::string>& recipients,
                                           const std::vector<PolicyChain>& chains) {
  std::vector<std::string> mailboxes;
  if (!sender.empty() && decide_archive(chains.back()).on) mailboxes.emplace_back(sender);
  for (size_t i = 0; i < recipients.size(); ++i) {
    const ArchiveDecision decision = decide_archive(chains.at(i));
    if (decision.on && !decision.for_all) mailboxes.push_back(recipients[i]);
  }
  return mailboxes;
}

std::string add_archive_copies(ActionPlan& plan, const std::vector<std::string>& mailboxes,
                               const std::vector<std::string>& recipients, std::string_view archive_address) {
  std::set<std::string> present;
  for (const std::string& each : recipients) present.insert(lower(without_brackets(each)));
  for (const std::string& each : plan.add) present.insert(lower(each));
  bool failed = false;
  for (const std::string& mailbox : mailboxes) {
    if (is_from_template(archive_address, mailbox)) continue;
    const std::string copy = lower(expand_address_template(archive_address, mailbox));
    if (copy.empty()) {
      failed = true;
    } else if (present.insert(copy).second) {
      plan.archive.push_back(copy);
    }
  }
  return failed ? "no archive address for some: not archived" : "";
}

}  // namespace postern
