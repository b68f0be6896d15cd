// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/archive_copies.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/strings.h"
#include "policy/address_template.h"

namespace postern {
namespace {

constexpr std::string_view kTemplate = "{user}={domain}@archive.example.net";

PolicyChain chain(const char* key, const char* row) {
  PolicyChain made;
  made.rows.emplace_back(key, *parse_policy_row(row));
  return made;
}

}  // namespace

class ArchiveCopiesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ArchiveCopiesTest);
  CPPUNIT_TEST(first_row_that_speaks_of_the_archive_wins);
  CPPUNIT_TEST(rows_say_on_or_off);
  CPPUNIT_TEST(templates_know_their_own_addresses);
  CPPUNIT_TEST(spam_and_forgeries_are_never_archived);
  CPPUNIT_TEST(only_who_gets_the_message_is_archived);
  CPPUNIT_TEST(everybodys_row_does_not_archive_recipients_of_outbound_mail);
  CPPUNIT_TEST(each_copy_once_and_never_of_a_copy);
  CPPUNIT_TEST(says_what_it_cannot_archive);
  CPPUNIT_TEST_SUITE_END();

  static std::string copies(const std::vector<std::string>& mailboxes, const std::vector<std::string>& recipients,
                            std::string_view address_template = kTemplate) {
    ActionPlan plan;
    add_archive_copies(plan, mailboxes, recipients, address_template);
    return join(plan.archive, " ");
  }

  void first_row_that_speaks_of_the_archive_wins() {
    CPPUNIT_ASSERT(!decide_archive({}).on);
    PolicyChain both = chain("ann@example.com", "spam=tag");
    both.rows.emplace_back("@example.com", *parse_policy_row("archive=on"));
    both.rows.emplace_back("*", *parse_policy_row("archive=off"));
    CPPUNIT_ASSERT(decide_archive(both).on && !decide_archive(both).for_all && decide_archive(both).known);
    both.rows.front().second = *parse_policy_row("archive=off");
    CPPUNIT_ASSERT(!decide_archive(both).on);
    both.rows.front().second = *parse_policy_row("spam=tag");
    both.sure = 1;
    CPPUNIT_ASSERT(decide_archive(both).on && !decide_archive(both).known);
    CPPUNIT_ASSERT(decide_archive(chain("*", "archive=on")).for_all);
  }

  void rows_say_on_or_off() {
    CPPUNIT_ASSERT_EQUAL(std::string("spam=tag archive=on"), to_string(*parse_policy_row("Archive=ON spam=tag")));
    CPPUNIT_ASSERT_EQUAL(std::string("archive=off"), to_string(*parse_policy_row("archive=off")));
    CPPUNIT_ASSERT_EQUAL(std::string("field archive: \"yes\": expected on or off"),
                         parse_policy_row("archive=yes").error().text);
    CPPUNIT_ASSERT(!parse_policy_row("archive=on archive=on").ok());
  }

  void templates_know_their_own_addresses() {
    for (const char* address : {"a=example.com@archive.example.net", "<A=Example.com@Archive.example.net>"})
      CPPUNIT_ASSERT_MESSAGE(address, is_from_template(kTemplate, address));
    for (const char* address : {"a@archive.example.net", "=@archive.example.net", "a=example.com@example.net", "",
                                "a=@archive.example.net", "a=b@c@archive.example.net"})
      CPPUNIT_ASSERT_MESSAGE(address, !is_from_template(kTemplate, address));
    CPPUNIT_ASSERT(is_from_template("{user}+archive@{domain}", "ann+archive@example.com"));
    CPPUNIT_ASSERT(!is_from_template("{user}+archive@{domain}", "ann+archives@example.com"));
    CPPUNIT_ASSERT(is_from_template("archive@example.net", "ARCHIVE@example.net"));
    CPPUNIT_ASSERT(!is_from_template("", "a@example.com"));
  }

  void spam_and_forgeries_are_never_archived() {
    CPPUNIT_ASSERT(is_archived(Verdict::kClean) && is_archived(Verdict::kUnverifiedBounce));
    for (const Verdict verdict : {Verdict::kSpam, Verdict::kSureSpam, Verdict::kForgedBounce, Verdict::kBlocked})
      CPPUNIT_ASSERT(!is_archived(verdict));
  }

  void only_who_gets_the_message_is_archived() {
    ActionPlan plan;
    std::vector<PolicyChain> chains;
    for (const Action action :
         {Action::kDeliver, Action::kTag, Action::kQuarantine, Action::kDelete, Action::kReject}) {
      plan.recipients.push_back({std::string(to_string(action)) + "@example.com", action, ""});
      chains.push_back(chain("*", "archive=on"));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("deliver@example.com tag@example.com"),
                         join(archived_recipients(plan, chains), " "));
    chains[0] = {};
    CPPUNIT_ASSERT_EQUAL(std::string("tag@example.com"), join(archived_recipients(plan, chains), " "));
    for (const auto final : {ActionPlan::Final::kHold, ActionPlan::Final::kReject, ActionPlan::Final::kDiscard}) {
      plan.final = final;
      CPPUNIT_ASSERT(archived_recipients(plan, chains).empty());
    }
  }

  void everybodys_row_does_not_archive_recipients_of_outbound_mail() {
    const std::vector<std::string> to{"bob@example.net", "carol@example.com", "dave@example.com"};
    const std::vector<PolicyChain> chains{chain("*", "archive=on"), chain("@example.com", "archive=on"), {},
                                          chain("*", "archive=on")};
    CPPUNIT_ASSERT_EQUAL(std::string("ann@example.com carol@example.com"),
                         join(archived_outbound("ann@example.com", to, chains), " "));
    CPPUNIT_ASSERT_EQUAL(std::string("carol@example.com"), join(archived_outbound("", to, chains), " "));
    CPPUNIT_ASSERT_EQUAL(std::string(), join(archived_outbound("ann@example.com", {}, {PolicyChain()}), " "));
  }

  void each_copy_once_and_never_of_a_copy() {
    const std::string ann = "ann=example.com@archive.example.net";
    CPPUNIT_ASSERT_EQUAL(ann, copies({"<Ann+a@example.com>", "ann+b@Example.COM", "ann@example.com"}, {}));
    // As a content filter gives it back: the copy is among the recipients.
    CPPUNIT_ASSERT_EQUAL(std::string(), copies({"ann@example.com", ann}, {"ann@example.com", "<" + ann + ">"}));
    CPPUNIT_ASSERT_EQUAL(std::string(), copies({ann}, {ann}));
    CPPUNIT_ASSERT_EQUAL(std::string("archive@example.net"),
                         copies({"ann@example.com", "bob@example.com"}, {}, "archive@example.net"));
    ActionPlan plan;
    plan.add = {ann};
    add_archive_copies(plan, {"ann@example.com"}, {}, kTemplate);
    CPPUNIT_ASSERT(plan.archive.empty());
  }

  void says_what_it_cannot_archive() {
    ActionPlan plan;
    CPPUNIT_ASSERT_EQUAL(std::string("no archive address for some: not archived"),
                         add_archive_copies(plan, {"postmaster", "ann@example.com"}, {}, kTemplate));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, plan.archive.size());
    CPPUNIT_ASSERT_EQUAL(std::string(), add_archive_copies(plan, {"bob@example.com"}, {}, kTemplate));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ArchiveCopiesTest);

}  // namespace postern
