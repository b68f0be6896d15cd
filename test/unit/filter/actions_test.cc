// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/actions.h"

#include <cppunit/extensions/HelperMacros.h>

#include "test/unit/filter/fake_milter.h"

namespace postern {
namespace {

using Kind = HeaderEdit::Kind;

Outcome with_edits() {
  Outcome outcome;
  outcome.edits = {{Kind::kDelete, "X-Postern-ID", "", 2},
                   {Kind::kChange, "Subject", "[SPAM] hello", 1},
                   {Kind::kInsert, "X-Postern-Verdict", "spam", 1}};
  return outcome;
}

class ActionsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ActionsTest);
  CPPUNIT_TEST(applies_header_edits_in_order);
  CPPUNIT_TEST(brings_the_leading_space_when_agreed);
  CPPUNIT_TEST(removes_recipients_before_adding);
  CPPUNIT_TEST(changes_the_sender);
  CPPUNIT_TEST(holds_and_accepts);
  CPPUNIT_TEST(rejects_without_edits);
  CPPUNIT_TEST(discards_without_edits);
  CPPUNIT_TEST(fails_for_now_when_an_edit_is_not_taken);
  CPPUNIT_TEST(fits_the_answer_to_the_code);
  CPPUNIT_TEST(makes_reply_text_safe);
  CPPUNIT_TEST_SUITE_END();

 public:
  void applies_header_edits_in_order() {
    smfi_str context;
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, carry_out(&context, with_edits(), false));
    const std::vector<std::string> expected{"chgheader 2 X-Postern-ID:(removed)", "chgheader 1 Subject:[SPAM] hello",
                                            "insheader 1 X-Postern-Verdict:spam"};
    CPPUNIT_ASSERT(expected == context.calls);
  }

  void brings_the_leading_space_when_agreed() {
    smfi_str context;
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, carry_out(&context, with_edits(), true));
    CPPUNIT_ASSERT_EQUAL(std::string("chgheader 2 X-Postern-ID:(removed)"), context.calls.at(0));
    CPPUNIT_ASSERT_EQUAL(std::string("chgheader 1 Subject: [SPAM] hello"), context.calls.at(1));
    CPPUNIT_ASSERT_EQUAL(std::string("insheader 1 X-Postern-Verdict: spam"), context.calls.at(2));
  }

  void removes_recipients_before_adding() {
    smfi_str context;
    Outcome outcome;
    outcome.plan.remove = {"a@example.com", "<b@example.com>"};
    outcome.plan.add = {"a+quarantine@example.com"};
    outcome.plan.archive = {"c=example.com@archive.example.net"};
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, carry_out(&context, outcome, false));
    const std::vector<std::string> expected{"delrcpt <a@example.com>", "delrcpt <b@example.com>",
                                            "addrcpt <a+quarantine@example.com>",
                                            "addrcpt <c=example.com@archive.example.net> NOTIFY=NEVER"};
    CPPUNIT_ASSERT(expected == context.calls);
  }

  void changes_the_sender() {
    smfi_str context;
    Outcome outcome;
    outcome.sender = "prvs=1791abcdef=a@example.com";
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, carry_out(&context, outcome, false));
    CPPUNIT_ASSERT(context.calls == std::vector<std::string>{"chgfrom <prvs=1791abcdef=a@example.com>"});
    context.answer = MI_FAILURE;
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, carry_out(&context, outcome, false));
  }

  void holds_and_accepts() {
    smfi_str context;
    Outcome outcome = with_edits();
    outcome.plan.final = ActionPlan::Final::kHold;
    outcome.plan.reason = "forged\r\nbounce " + std::string(200, 'x');
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, carry_out(&context, outcome, false));
    CPPUNIT_ASSERT_EQUAL(size_t{4}, context.calls.size());
    CPPUNIT_ASSERT_EQUAL(std::string("quarantine forged??bounce xx"), context.calls.at(3).substr(0, 28));
    CPPUNIT_ASSERT_EQUAL(std::string("quarantine ").size() + 100, context.calls.at(3).size());
  }

  void rejects_without_edits() {
    smfi_str context;
    Outcome outcome = with_edits();
    outcome.plan.final = ActionPlan::Final::kReject;
    outcome.plan.reason = "spam, 100%";
    CPPUNIT_ASSERT_EQUAL(SMFIS_REJECT, carry_out(&context, outcome, false));
    CPPUNIT_ASSERT(context.calls.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("550 5.7.1 spam, 100%%"), context.reply);
  }

  void discards_without_edits() {
    smfi_str context;
    Outcome outcome = with_edits();
    outcome.plan.final = ActionPlan::Final::kDiscard;
    CPPUNIT_ASSERT_EQUAL(SMFIS_DISCARD, carry_out(&context, outcome, false));
    CPPUNIT_ASSERT(context.calls.empty());
  }

  void fails_for_now_when_an_edit_is_not_taken() {
    smfi_str context;
    context.answer = MI_FAILURE;
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, carry_out(&context, with_edits(), false));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, context.calls.size());
  }

  void fits_the_answer_to_the_code() {
    smfi_str context;
    CPPUNIT_ASSERT_EQUAL(SMFIS_REJECT, refuse(&context, {"550", "5.7.1", "no"}));
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, refuse(&context, {"451", "4.7.1", "not now"}));
    CPPUNIT_ASSERT_EQUAL(std::string("451 4.7.1 not now"), context.reply);
  }

  void makes_reply_text_safe() {
    CPPUNIT_ASSERT_EQUAL(std::string("a??b 50%% ????"), reply_text("a\r\nb 50% \xc3\xa9\x1b\x7f"));
    CPPUNIT_ASSERT(reply_text(std::string(5000, '%')).size() <= 900);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, reply_text(std::string(5000, '%')).size() % 2);  // never half a pair
    CPPUNIT_ASSERT_EQUAL(std::string(), reply_text(""));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ActionsTest);

}  // namespace
}  // namespace postern
