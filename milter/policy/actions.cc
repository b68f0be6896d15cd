// SPDX-License-Identifier: GPL-2.0-or-later
// plan_actions(): from a verdict and the recipients' wishes to the edits of one message.
#include <algorithm>
#include <set>

#include "base/strings.h"
#include "policy/address_template.h"
#include "policy/decide.h"

namespace postern {
namespace {

bool all_want(const std::vector<RecipientAction>& recipients, Action action) {
  return std::all_of(recipients.begin(), recipients.end(),
                     [action](const RecipientAction& each) { return each.action == action; });
}

void add_note(ActionPlan& plan, std::string_view note) {
  if (!plan.reason.empty()) plan.reason += "; ";
  plan.reason += note;
}

// Takes each address once, in the order in which they came.
void add_once(std::vector<std::string>& list, std::set<std::string>& seen, const std::string& address) {
  if (seen.insert(address).second) list.push_back(address);
}

// Replaces each recipient that asks for quarantine by the template's address; where none comes of it, tags.
void quarantine_by_address(ActionPlan& plan, std::string_view quarantine_address) {
  std::set<std::string> kept;
  for (const RecipientAction& each : plan.recipients) {
    const std::string_view address = without_brackets(each.recipient);
    const bool stays = each.action == Action::kDeliver || each.action == Action::kTag ||
                       (each.action == Action::kQuarantine &&
                        equal_nocase(expand_address_template(quarantine_address, address), address));
    if (stays) kept.insert(lower(address));
  }
  std::set<std::string> removed, added;
  bool failed = false;
  for (RecipientAction& each : plan.recipients) {
    if (each.action == Action::kDelete) add_once(plan.remove, removed, each.recipient);
    if (each.action != Action::kQuarantine) continue;
    const std::string target = expand_address_template(quarantine_address, each.recipient);
    if (target.empty()) {
      each.action = Action::kTag;
      failed = true;
    } else if (!equal_nocase(target, without_brackets(each.recipient))) {  // else it is that mailbox already
      add_once(plan.remove, removed, each.recipient);
      if (!kept.contains(lower(target))) add_once(plan.add, added, target);
    }
  }
  if (failed) add_note(plan, "no quarantine address for some: tagged");
}

// Uses the MTA's hold queue, which takes a message as a whole: all recipients that are left, or none.
void quarantine_by_hold(ActionPlan& plan) {
  std::set<std::string> removed;
  size_t left = 0;
  size_t wanting = 0;
  for (const RecipientAction& each : plan.recipients) {
    if (each.action == Action::kDelete) {
      add_once(plan.remove, removed, each.recipient);
      continue;
    }
    ++left;
    if (each.action == Action::kQuarantine) ++wanting;
  }
  if (wanting == 0) return;
  if (wanting == left) {
    plan.final = ActionPlan::Final::kHold;
    return;
  }
  for (RecipientAction& each : plan.recipients) {
    if (each.action == Action::kQuarantine) each.action = Action::kTag;
  }
  add_note(plan, "recipients differ: tagged instead of held");
}

}  // namespace

std::string_view subject_tag(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSpam:
      return "[SPAM] ";
    case Verdict::kSureSpam:
      return "[SURESPAM] ";
    case Verdict::kForgedBounce:
    case Verdict::kUnverifiedBounce:
      return "[BOUNCE?] ";
    case Verdict::kClean:
    case Verdict::kBlocked:
      return "";
  }
  return "";
}

void restore_recipients(const std::vector<std::string>& given, const std::vector<std::string>& counted,
                        ActionPlan& plan) {
  if (plan.final == ActionPlan::Final::kReject || plan.final == ActionPlan::Final::kDiscard || given == counted)
    return;
  const std::set<std::string> as_given(given.begin(), given.end());
  const std::set<std::string> taken_off(plan.remove.begin(), plan.remove.end());
  std::set<std::string> removed, added(plan.add.begin(), plan.add.end());
  std::erase_if(plan.remove, [&](const std::string& address) { return !as_given.contains(address); });
  removed.insert(plan.remove.begin(), plan.remove.end());
  for (size_t i = 0; i < given.size() && i < counted.size(); ++i) {
    if (given[i] == counted[i]) continue;
    add_once(plan.remove, removed, given[i]);
    if (!taken_off.contains(counted[i]) && !as_given.contains(counted[i])) add_once(plan.add, added, counted[i]);
  }
}

ActionPlan plan_actions(Verdict verdict, const std::vector<RecipientAction>& wanted,
                        std::string_view quarantine_address, std::string_view reason) {
  ActionPlan plan;
  plan.recipients = wanted;
  plan.reason = reason;
  if (wanted.empty()) return plan;
  if (all_want(wanted, Action::kReject)) {
    plan.final = ActionPlan::Final::kReject;
    return plan;
  }
  if (all_want(wanted, Action::kDelete)) {
    plan.final = ActionPlan::Final::kDiscard;
    return plan;
  }
  bool turned = false;
  for (RecipientAction& each : plan.recipients) {
    if (each.action != Action::kReject) continue;
    each.action = Action::kQuarantine;
    turned = true;
  }
  if (turned) add_note(plan, "recipients differ: not rejected");
  if (quarantine_address.empty()) {
    quarantine_by_hold(plan);
  } else {
    quarantine_by_address(plan, quarantine_address);
  }
  const bool tagged = std::any_of(plan.recipients.begin(), plan.recipients.end(),
                                  [](const RecipientAction& each) { return each.action == Action::kTag; });
  if (tagged) plan.subject_tag = subject_tag(verdict);
  return plan;
}

}  // namespace postern
