// SPDX-License-Identifier: GPL-2.0-or-later
// plan_actions(): mixed recipients, and the proof that none is ever lost.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>

#include "base/strings.h"
#include "policy/address_template.h"
#include "policy/decide.h"

namespace postern {
namespace {

constexpr std::string_view kTemplate = "{user}+quarantine@{domain}";
using Final = ActionPlan::Final;

std::vector<RecipientAction> wishes(std::vector<Action> actions) {
  std::vector<RecipientAction> out;
  for (size_t i = 0; i < actions.size(); ++i) {
    out.push_back({"<user" + std::to_string(i) + "+x@example.com>", actions[i], "*"});
  }
  return out;
}

bool has(const std::vector<std::string>& list, const std::string& what) {
  return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

class ActionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ActionsTest);
  CPPUNIT_TEST(no_recipient_is_ever_lost);
  CPPUNIT_TEST(reject_needs_agreement);
  CPPUNIT_TEST(hold_needs_agreement_of_those_left);
  CPPUNIT_TEST(quarantine_by_address);
  CPPUNIT_TEST(tags);
  CPPUNIT_TEST(templates);
  CPPUNIT_TEST(duplicates_and_targets_that_are_recipients);
  CPPUNIT_TEST(recipients_that_came_tagged);
  CPPUNIT_TEST_SUITE_END();

  // Follows what the MTA does with the plan, recipient by recipient, for every combination of wishes.
  static void check(const std::vector<RecipientAction>& wanted, std::string_view address) {
    const ActionPlan plan = plan_actions(Verdict::kSpam, wanted, address, "words");
    CPPUNIT_ASSERT_EQUAL(wanted.size(), plan.recipients.size());
    const auto all = [&](Action action) {
      return std::all_of(wanted.begin(), wanted.end(), [&](const auto& each) { return each.action == action; });
    };
    CPPUNIT_ASSERT_EQUAL(all(Action::kReject), plan.final == Final::kReject);
    CPPUNIT_ASSERT_EQUAL(all(Action::kDelete), plan.final == Final::kDiscard);
    if (plan.final == Final::kReject || plan.final == Final::kDiscard) {
      CPPUNIT_ASSERT(plan.remove.empty() && plan.add.empty() && plan.subject_tag.empty());
      return;
    }
    bool tag_asked = false;
    size_t removed = 0;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const std::string& name = wanted[i].recipient;
      const Action got = plan.recipients[i].action;
      const bool gone = has(plan.remove, name);
      removed += gone ? 1 : 0;
      CPPUNIT_ASSERT_EQUAL(name, plan.recipients[i].recipient);
      tag_asked = tag_asked || got == Action::kTag;
      switch (wanted[i].action) {
        case Action::kDeliver:
        case Action::kTag:
          CPPUNIT_ASSERT(!gone && got == wanted[i].action && plan.final == Final::kAccept);
          break;
        case Action::kDelete:
          CPPUNIT_ASSERT(gone && got == Action::kDelete);
          break;
        case Action::kQuarantine:
        case Action::kReject:
          if (gone) {
            CPPUNIT_ASSERT(got == Action::kQuarantine);
            CPPUNIT_ASSERT(has(plan.add, "user" + std::to_string(i) + "+quarantine@example.com"));
          } else {
            CPPUNIT_ASSERT(plan.final == Final::kHold ? got == Action::kQuarantine : got == Action::kTag);
          }
      }
    }
    CPPUNIT_ASSERT_EQUAL(removed, plan.remove.size());
    CPPUNIT_ASSERT_EQUAL(tag_asked, !plan.subject_tag.empty());
    CPPUNIT_ASSERT(plan.remove.size() < wanted.size() || !plan.add.empty());  // somebody is always left
  }

  void no_recipient_is_ever_lost() {
    constexpr size_t kActions = 5;
    size_t checked = 0;
    for (size_t count = 1, total = kActions; count <= 4; ++count, total *= kActions) {
      for (size_t code = 0; code < total; ++code) {
        std::vector<Action> actions;
        for (size_t i = 0, rest = code; i < count; ++i, rest /= kActions) {
          actions.push_back(static_cast<Action>(rest % kActions));
        }
        for (const std::string_view address : {kTemplate, std::string_view(), std::string_view("{user}")}) {
          check(wishes(actions), address);
          ++checked;
        }
      }
    }
    CPPUNIT_ASSERT_EQUAL(size_t{3 * (5 + 25 + 125 + 625)}, checked);
  }

  void reject_needs_agreement() {
    const auto both = plan_actions(Verdict::kSpam, wishes({Action::kReject, Action::kReject}), "", "words");
    CPPUNIT_ASSERT(both.final == Final::kReject);
    CPPUNIT_ASSERT_EQUAL(std::string("words"), both.reason);
    const auto mixed = plan_actions(Verdict::kSpam, wishes({Action::kReject, Action::kDelete}), "", "words");
    CPPUNIT_ASSERT(mixed.final == Final::kHold);
    CPPUNIT_ASSERT_EQUAL(std::string("words; recipients differ: not rejected"), mixed.reason);
  }

  void hold_needs_agreement_of_those_left() {
    const auto agreed = plan_actions(Verdict::kSpam, wishes({Action::kQuarantine, Action::kDelete}), "", "words");
    CPPUNIT_ASSERT(agreed.final == Final::kHold);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, agreed.remove.size());
    const auto differ = plan_actions(Verdict::kSpam, wishes({Action::kQuarantine, Action::kDeliver}), "", "words");
    CPPUNIT_ASSERT(differ.final == Final::kAccept);
    CPPUNIT_ASSERT_EQUAL(std::string("[SPAM] "), differ.subject_tag);
    CPPUNIT_ASSERT_EQUAL(std::string("words; recipients differ: tagged instead of held"), differ.reason);
  }

  void quarantine_by_address() {
    const auto plan =
        plan_actions(Verdict::kSureSpam, wishes({Action::kQuarantine, Action::kDeliver, Action::kDelete}),
                     "{user}={domain}@quarantine.example.net", "words");
    CPPUNIT_ASSERT(plan.final == Final::kAccept);
    CPPUNIT_ASSERT_EQUAL(std::string("<user0+x@example.com> <user2+x@example.com>"), join(plan.remove, " "));
    CPPUNIT_ASSERT_EQUAL(std::string("user0=example.com@quarantine.example.net"), join(plan.add, " "));
    CPPUNIT_ASSERT(plan.subject_tag.empty());
  }

  void tags() {
    const auto tag = [](Verdict verdict) {
      return plan_actions(verdict, wishes({Action::kTag}), kTemplate, "").subject_tag;
    };
    CPPUNIT_ASSERT_EQUAL(std::string("[SPAM] "), tag(Verdict::kSpam));
    CPPUNIT_ASSERT_EQUAL(std::string("[SURESPAM] "), tag(Verdict::kSureSpam));
    CPPUNIT_ASSERT_EQUAL(std::string("[BOUNCE?] "), tag(Verdict::kForgedBounce));
    CPPUNIT_ASSERT_EQUAL(std::string("[BOUNCE?] "), tag(Verdict::kUnverifiedBounce));
    CPPUNIT_ASSERT_EQUAL(std::string(), tag(Verdict::kClean));
    CPPUNIT_ASSERT(plan_actions(Verdict::kSpam, {}, kTemplate, "").final == Final::kAccept);
  }

  void templates() {
    CPPUNIT_ASSERT_EQUAL(std::string("Ann+quarantine@example.com"),
                         expand_address_template(kTemplate, "<Ann+news+x@example.com>"));
    CPPUNIT_ASSERT_EQUAL(std::string("spam@example.net"),
                         expand_address_template("spam@example.net", "a@b.example"));
    for (const char* recipient :
         {"postmaster", "@example.com", "a@", "", "\"a b\"@example.com", "{user}@example.com"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(recipient, std::string(), expand_address_template(kTemplate, recipient));
    }
    const auto plan = plan_actions(Verdict::kSpam, {{"postmaster", Action::kQuarantine, "*"}}, kTemplate, "words");
    CPPUNIT_ASSERT(plan.recipients[0].action == Action::kTag && plan.remove.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("[SPAM] "), plan.subject_tag);
  }

  void duplicates_and_targets_that_are_recipients() {
    const std::vector<RecipientAction> twice{{"a@example.com", Action::kQuarantine, "*"},
                                             {"a@example.com", Action::kQuarantine, "*"}};
    const auto plan = plan_actions(Verdict::kSpam, twice, kTemplate, "");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, plan.remove.size());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, plan.add.size());
    // The quarantine box itself is a recipient: it neither loses the message nor gets it twice.
    const std::vector<RecipientAction> box{{"a@example.com", Action::kQuarantine, "*"},
                                           {"a+quarantine@example.com", Action::kQuarantine, "*"},
                                           {"b@example.com", Action::kQuarantine, "*"}};
    const auto boxed = plan_actions(Verdict::kSpam, box, kTemplate, "");
    CPPUNIT_ASSERT_EQUAL(std::string("a@example.com b@example.com"), join(boxed.remove, " "));
    CPPUNIT_ASSERT_EQUAL(std::string("b+quarantine@example.com"), join(boxed.add, " "));
    const auto kept = plan_actions(
        Verdict::kSpam,
        {{"a@example.com", Action::kQuarantine, "*"}, {"a+quarantine@example.com", Action::kDeliver, "*"}}, kTemplate,
        "");
    CPPUNIT_ASSERT(kept.add.empty());
  }

  // Gives the edits as "remove | add" after the tagged addresses are put in for those that count.
  static std::string restored(const std::vector<std::string>& given, const std::vector<RecipientAction>& wanted) {
    std::vector<std::string> counted;
    for (const RecipientAction& each : wanted) counted.push_back(each.recipient);
    auto plan = plan_actions(Verdict::kSpam, wanted, kTemplate, "");
    restore_recipients(given, counted, plan);
    return join(plan.remove, " ") + " | " + join(plan.add, " ");
  }
  void recipients_that_came_tagged() {
    const std::string tagged = "prvs=1791abcdef=a@example.com";
    const std::string other = "prvs=1791fedcba=a@example.com";
    const RecipientAction deliver{"a@example.com", Action::kDeliver, "*"};
    const RecipientAction hold{"a@example.com", Action::kQuarantine, "*"};
    const RecipientAction drop{"a@example.com", Action::kDelete, "*"};
    const RecipientAction bob{"b@example.com", Action::kDeliver, "*"};
    CPPUNIT_ASSERT_EQUAL(std::string(" | "), restored({"a@example.com"}, {deliver}));
    CPPUNIT_ASSERT_EQUAL(tagged + " | a@example.com", restored({tagged}, {deliver}));
    CPPUNIT_ASSERT_EQUAL(tagged + " " + other + " | a@example.com", restored({tagged, other}, {deliver, deliver}));
    // The mailbox is a recipient already: it gets the message once.
    CPPUNIT_ASSERT_EQUAL(tagged + " | ", restored({"a@example.com", tagged}, {deliver, deliver}));
    CPPUNIT_ASSERT_EQUAL(tagged + " | a+quarantine@example.com", restored({tagged, "b@example.com"}, {hold, bob}));
    CPPUNIT_ASSERT_EQUAL("a@example.com " + tagged + " | a+quarantine@example.com",
                         restored({tagged, "a@example.com"}, {hold, hold}));
    CPPUNIT_ASSERT_EQUAL(tagged + " | ", restored({tagged, "b@example.com"}, {drop, bob}));
    CPPUNIT_ASSERT_EQUAL(std::string(" | "), restored({tagged}, {drop}));  // discarded as a whole
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ActionsTest);

}  // namespace postern
