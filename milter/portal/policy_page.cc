// SPDX-License-Identifier: GPL-2.0-or-later
// A user's own row of the table `policy`, as questions.
#include <array>

#include "base/log.h"
#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/commands.h"
#include "policy/recipient_policy.h"
#include "portal/pages.h"

namespace postern {
namespace {

struct Question {
  const char* field;
  const char* word;
  const char* meaning;
  std::array<Verdict, 2> verdicts;  // that it answers for; twice the same where it is one
};
constexpr std::array<Question, 3> kQuestions{
    {{"spam", "Probably spam", "The rules found enough to doubt the message, but it may be wanted.",
      {Verdict::kSpam, Verdict::kSpam}},
     {"surespam", "Surely spam", "The rules found so much that hardly any such message was ever wanted.",
      {Verdict::kSureSpam, Verdict::kSureSpam}},
     {"bounce", "Forged and doubtful bounces",
      "Reports about undelivered mail that you did not write, or of which nothing proves that you did.",
      {Verdict::kForgedBounce, Verdict::kUnverifiedBounce}}}};

struct Choice {
  Action action;
  const char* label;
  const char* explained;
};
constexpr std::array<Choice, 5> kChoices{
    {{Action::kDeliver, "Deliver", "It comes to the inbox like any other message."},
     {Action::kTag, "Mark", "It comes to the inbox, and its subject says what it is taken for."},
     {Action::kQuarantine, "Quarantine", "It waits in the quarantine, where you can look at it and release it."},
     {Action::kReject, "Reject", "It is refused, so that its sender learns of it. With other recipients: quarantine."},
     {Action::kDelete, "Delete", "It vanishes. Neither you nor its sender learns of it."}}};

// What applies now: his own rows, those of his domain, the default for all.
PolicyChain chain_of(Admin& admin, const std::string& address) {
  PolicyChain chain;
  for (const std::string& key : policy_keys(address)) {
    const auto row = admin.row(TableName::kPolicy, key);
    if (!row.ok() || !*row) continue;
    auto parsed = parse_policy_row(**row);
    if (parsed.ok()) chain.rows.emplace_back(key, std::move(parsed.value()));
  }
  return chain;
}

// Whether rows of this program's tables know the live archive.
bool has_archive() {
  PolicyRow row;
  return set_policy_field(row, "archive", "on").ok();
}

// "on" or "off", as the first row says that says anything.
std::string archive_of(const PolicyChain& chain) {
  for (const auto& [key, row] : chain.rows) {
    const std::string text = to_string(row);
    for (const std::string_view word : words(text)) {
      if (word == "archive=on") return "on";
      if (word == "archive=off") return "off";
    }
  }
  return "off";
}

void add_choice(Values& question, std::string_view value, const char* label, const char* explained, bool chosen) {
  Values& option = *question.AddSectionDictionary("CHOICE");
  set(option, "VALUE", value);
  set(option, "LABEL", label);
  set(option, "EXPLAINED", explained);
  if (chosen) option.ShowSection("CHOSEN");
}

void add_archive(Values& values, const PolicyChain& chain) {
  Values& one = *values.AddSectionDictionary("QUESTION");
  set(one, "WORD", "Live archive");
  set(one, "MEANING", "A second mail server can keep copies of the last days, to read while the first one is down.");
  set(one, "FIELD", "archive");
  const bool on = archive_of(chain) == "on";
  add_choice(one, "on", "On", "Mail that you get and send is copied there. Spam is not.", on);
  add_choice(one, "off", "Off", "Nothing is copied.", !on);
}

// Puts the form's answers into a row.
Status fill_row(PolicyRow& row, const HttpRequest& request) {
  for (const Question& question : kQuestions) {
    const auto action = parse_action(request.field(question.field));
    if (!action) return invalid("the form lacks an answer; nothing was changed");
    for (const Verdict verdict : question.verdicts) {
      const Status status = set_policy_field(row, to_string(verdict), to_string(*action));
      if (!status.ok()) return status;
    }
  }
  return has_archive() ? set_policy_field(row, "archive", request.field("archive")) : Status(Nothing{});
}

}  // namespace

HttpResponse policy_page(Portal& portal, Visit& visit) {
  const std::string& address = visit.user->address;
  visit.frame.title = "My mail policy";
  if (address.empty()) return fault_page(visit.frame, 404, "Your name is no mail address, so it has no policy.");
  const auto admin = set_up_admin(portal.settings());
  if (!admin.ok()) return error_page(visit, unavailable("policies cannot be read"));
  const PolicyChain chain = chain_of(**admin, address);
  Values values("policy");
  set(values, "ADDRESS", address);
  for (const Question& question : kQuestions) {
    Values& one = *values.AddSectionDictionary("QUESTION");
    set(one, "WORD", question.word);
    set(one, "MEANING", question.meaning);
    set(one, "FIELD", question.field);
    const Action now = decide_policy(chain, question.verdicts[0]).action;
    for (const Choice& choice : kChoices) {
      add_choice(one, to_string(choice.action), choice.label, choice.explained, choice.action == now);
    }
  }
  if (has_archive()) add_archive(values, chain);
  return page(visit.frame, "policy.tpl", values);
}

HttpResponse save_policy(Portal& portal, Visit& visit) {
  const std::string& address = visit.user->address;
  if (address.empty()) return fault_page(visit.frame, 404, "Your name is no mail address, so it has no policy.");
  const auto admin = set_up_admin(portal.settings());
  if (!admin.ok()) return error_page(visit, unavailable("policies cannot be written"));
  const auto before = (*admin)->row(TableName::kPolicy, address);
  if (!before.ok()) return error_page(visit, unavailable("policies cannot be read"));
  PolicyRow row;
  if (*before) {
    auto present = parse_policy_row(**before);
    if (present.ok()) row = std::move(present.value());
  }
  const Status answered = fill_row(row, visit.request);
  if (!answered.ok()) return error_page(visit, answered.error());
  const RowChange change{address, *before, to_string(row)};
  if (change.before != change.after) {
    const auto done = (*admin)->apply(TableName::kPolicy, {change}, visit.user->name + " (portal)");
    if (!done.ok() && done.error().kind == ErrorKind::kConflict) {
      return error_page(visit, conflict("Your policy was changed meanwhile. Open the page again to see it"));
    }
    if (!done.ok()) return error_page(visit, unavailable("the policy cannot be written"));
    log(LogLevel::kInfo, LogLine("portal").add("user", visit.user->name).add("policy", *change.after));
  }
  return see_other("/policy", "saved");
}

}  // namespace postern
