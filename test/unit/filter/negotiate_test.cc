// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/negotiate.h"

#include <cppunit/extensions/HelperMacros.h>
#include <libmilter/mfapi.h>

namespace postern {
namespace {

constexpr unsigned long kAllActions = 0x1ff;
constexpr unsigned long kAllSteps = 0x1fffff;
constexpr unsigned long kWanted = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_QUARANTINE |
                                  SMFIF_ADDRCPT_PAR;

class NegotiateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NegotiateTest);
  CPPUNIT_TEST(takes_what_it_needs_from_a_full_offer);
  CPPUNIT_TEST(does_without_parameters_of_recipients);
  CPPUNIT_TEST(never_asks_for_the_body_or_the_sender);
  CPPUNIT_TEST(asks_for_the_sender_where_senders_are_tagged);
  CPPUNIT_TEST(answers_connect_when_the_gate_is_there);
  CPPUNIT_TEST(answers_mail_only_when_the_gate_may_refuse);
  CPPUNIT_TEST(asks_for_nothing_that_is_not_offered);
  CPPUNIT_TEST(names_missing_actions);
  CPPUNIT_TEST_SUITE_END();

 public:
  void takes_what_it_needs_from_a_full_offer() {
    const auto agreed = negotiate(kAllActions, kAllSteps, {});
    CPPUNIT_ASSERT(agreed.ok());
    CPPUNIT_ASSERT_EQUAL(kWanted, agreed->actions);
    const unsigned long steps = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC | SMFIP_NR_CONN |
                                SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;
    CPPUNIT_ASSERT_EQUAL(steps, agreed->steps);
    CPPUNIT_ASSERT(agreed->lead_space && !agreed->replies_to_connect && agreed->replies_to_mail);
    CPPUNIT_ASSERT(!agreed->change_sender && agreed->quiet_recipients);
  }

  void does_without_parameters_of_recipients() {
    const auto agreed = negotiate(kAllActions & ~SMFIF_ADDRCPT_PAR, kAllSteps, {});
    CPPUNIT_ASSERT(agreed.ok() && !agreed->quiet_recipients);
    CPPUNIT_ASSERT_EQUAL(kWanted & ~SMFIF_ADDRCPT_PAR, agreed->actions);
  }

  void never_asks_for_the_body_or_the_sender() {
    const auto agreed = negotiate(kAllActions, kAllSteps, {});
    CPPUNIT_ASSERT_EQUAL(0UL, agreed->actions & (SMFIF_CHGBODY | SMFIF_CHGFROM));
    // MAIL is answered, bodies are wanted, and recipients that the MTA refuses are none of our business.
    CPPUNIT_ASSERT_EQUAL(0UL, agreed->steps & (SMFIP_NR_MAIL | SMFIP_RCPT_REJ | SMFIP_NOBODY));
  }

  void asks_for_the_sender_where_senders_are_tagged() {
    const Wishes tag{.change_senders = true};
    const auto agreed = negotiate(kAllActions, kAllSteps, tag);
    CPPUNIT_ASSERT_EQUAL(kWanted | SMFIF_CHGFROM, agreed->actions);
    CPPUNIT_ASSERT(agreed->change_sender);
    const unsigned long without = kAllActions & ~SMFIF_CHGFROM;
    CPPUNIT_ASSERT(negotiate(without, kAllSteps, {}).ok());
    const auto refused = negotiate(without, kAllSteps, tag);
    CPPUNIT_ASSERT(!refused.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("the MTA does not let a filter change senders (the domains table says tag=on)"),
                         refused.error().text);
  }

  void answers_connect_when_the_gate_is_there() {
    const auto agreed = negotiate(kAllActions, kAllSteps, {.refuse_at_connect = true});
    CPPUNIT_ASSERT_EQUAL(0UL, agreed->steps & SMFIP_NR_CONN);
    CPPUNIT_ASSERT(agreed->replies_to_connect);
  }

  void answers_mail_only_when_the_gate_may_refuse() {
    const auto agreed = negotiate(kAllActions, kAllSteps, {.refuse_at_mail = false});
    CPPUNIT_ASSERT_EQUAL(SMFIP_NR_MAIL + 0UL, agreed->steps & SMFIP_NR_MAIL);
    CPPUNIT_ASSERT(!agreed->replies_to_mail);
    CPPUNIT_ASSERT(negotiate(kAllActions, kAllSteps & ~SMFIP_NR_MAIL, {.refuse_at_mail = false})->replies_to_mail);
  }

  void asks_for_nothing_that_is_not_offered() {
    for (const unsigned long offered :
         {0x7fUL, 0UL, kAllSteps & ~SMFIP_NR_BODY, kAllSteps & ~SMFIP_HDR_LEADSPC, kAllSteps & ~SMFIP_NR_CONN}) {
      const auto agreed = negotiate(kAllActions, offered, {});
      CPPUNIT_ASSERT_EQUAL(0UL, agreed->steps & ~offered);
      CPPUNIT_ASSERT_EQUAL((offered & SMFIP_HDR_LEADSPC) != 0, agreed->lead_space);
      CPPUNIT_ASSERT_EQUAL((offered & SMFIP_NR_CONN) == 0, agreed->replies_to_connect);
    }
  }

  void names_missing_actions() {
    const auto agreed = negotiate(kAllActions & ~SMFIF_QUARANTINE & ~SMFIF_ADDRCPT, kAllSteps, {});
    CPPUNIT_ASSERT(!agreed.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("the MTA does not let a filter add recipients, quarantine"),
                         agreed.error().text);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NegotiateTest);

}  // namespace
}  // namespace postern
