// SPDX-License-Identifier: GPL-2.0-or-later
// The built-in rules that name kinds of automatic mail: text forms of many programs (worded for this test), and
// ordinary mail that only talks about such things.
#include <cppunit/extensions/HelperMacros.h>

#include "bounce/verify.h"
#include "policy/rules.h"

using namespace postern;

namespace {

struct Sample {
  const char* kind;
  const char* from;
  const char* subject;
  const char* text;
};

constexpr Sample kSamples[] = {
    {"failure", "MAILER-DAEMON@mx.example.org", "failure notice",
     "Hi. This is the qmail-send program at mx.example.org."},
    {"failure", "Mail Delivery System <Mailer-Daemon@mx.example.org>",
     "Mail delivery failed: returning message to sender",
     "This message was created automatically by mail delivery software."},
    {"delay", "Mail Delivery System <Mailer-Daemon@mx.example.org>", "Warning: message 1abc delayed 24 hours",
     "A message that you sent has not yet been delivered"},
    {"delay", "Mail Delivery Subsystem <mailer-daemon@mx.example.org>", "Notice",
     "THIS IS A WARNING MESSAGE ONLY.\nYOU DO NOT NEED TO RESEND YOUR MESSAGE."},
    {"failure", "System Administrator <postmaster@mx.example.org>", "Undeliverable: plans",
     "Your message\n\n  To: Bob\n"},
    {"failure", "postmaster@notes.example.org", "DELIVERY FAILURE: User bob not listed",
     "Your message was not delivered"},
    {"failure", "postmaster@notes.example.org", "hm", "------- Failure Reasons  --------\n\nno such user"},
    {"failure", "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>", "Returned mail: User unknown",
     "   ----- Transcript of session follows -----"},
    {"failure", "MAILER-DAEMON@mx.example.org (Mail Delivery System)", "Undelivered Mail Returned to Sender",
     "This is the mail system at host mx.example.org."},
    {"failure", "\"Delivery\" <>", "Mail Error", "Your mail cannot be delivered"},
    {"failure", "Scanner <imss@example.org>", "Mail could not be delivered",
     "****** Message from InterScan Messaging Security Suite ******"},
    {"failure", "post_master@handset.example", "Re:hello",
     "Error: Invalid user address\n\n550 - Requested action not taken"},
    {"failure", "postmaster@example.org", "Unzustellbar: Bericht", "Ihre Nachricht"},
    {"failure", "postmaster@example.jp", "メールを配信できません", ""},
    {"autoreply", "Bob <bob@example.org>", "Out of Office: plans", "I am away until Monday."},
    {"autoreply", "Bob <bob@example.org>", "Automatische Antwort: Plan", "Ich bin nicht da."},
    {"none", "Bob <bob@example.org>", "Re: Undelivered Mail Returned to Sender",
     "I got this from your server, see below."},
    {"none", "Bob <bob@example.org>", "Fwd: failure notice",
     "> Hi. This is the qmail-send program at mx.example.org."},
    {"none", "Bob <bob@example.org>", "Delivery of your order",
     "It could not be delivered to your door; mailbox is full."},
    {"none", "Shop <orders@example.com>", "Delivery status of your parcel", "Your parcel is delayed by a day."},
    {"none", "Postmaster <postmaster@example.com>", "Maintenance on Sunday", "Mail will be down from 8 to 9."},
    {"none", "Bob <bob@example.org>", "Warning: message from your bank", "Please verify your account."},
};

BounceKind kind_of(const RuleSet& rules, const Sample& sample) {
  Facts facts;
  facts.message.from = sample.from;
  facts.message.subject = sample.subject;
  facts.message.sender = "list-owner@example.net";  // not the null sender: that proves and excludes nothing
  facts.body.inspected = true;
  facts.body.text = sample.text;
  return bounce_kind(facts, rules.evaluate(facts).bounce_kind);
}

}  // namespace

class BounceRulesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BounceRulesTest);
  CPPUNIT_TEST(compile);
  CPPUNIT_TEST(samples);
  CPPUNIT_TEST(daemon_in_any_language);
  CPPUNIT_TEST(ordinary_bodies_stay_unread);
  CPPUNIT_TEST_SUITE_END();

  void compile() {
    std::vector<std::pair<std::string, std::string>> faults;
    const RuleSet rules(default_rules(), &faults);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(faults.empty() ? "" : faults[0].first + ": " + faults[0].second, size_t{0},
                                 faults.size());
  }

  void samples() {
    const RuleSet rules(default_rules(), nullptr);
    for (const Sample& sample : kSamples) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(sample.from) + " / " + sample.subject, std::string(sample.kind),
                                   std::string(to_string(kind_of(rules, sample))));
    }
  }

  void daemon_in_any_language() {
    const RuleSet rules(default_rules(), nullptr);
    Facts facts;
    facts.message.from = "MAILER-DAEMON@example.org";
    facts.message.subject = "xyz";
    facts.body.inspected = true;
    facts.body.report.failed_recipients = {"bob@example.org"};
    CPPUNIT_ASSERT(rules.evaluate(facts).bounce_kind == BounceKind::kFailure);
    facts.body.report.failed_recipients.clear();
    CPPUNIT_ASSERT(rules.evaluate(facts).bounce_kind == BounceKind::kNone);
  }

  void ordinary_bodies_stay_unread() {
    const RuleSet rules(default_rules(), nullptr);
    Facts facts;
    facts.message.from = "Bob <bob@example.org>";
    facts.message.from_address = facts.message.sender = "bob@example.org";
    facts.message.subject = "plans for Sunday";
    facts.message.content_type = "text/plain";
    CPPUNIT_ASSERT(!rules.evaluate_head(facts).needs_body);
    facts.message.from = "MAILER-DAEMON@example.org";
    CPPUNIT_ASSERT(rules.evaluate_head(facts).needs_body);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BounceRulesTest);
