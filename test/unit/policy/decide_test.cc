// SPDX-License-Identifier: GPL-2.0-or-later
// judge(): every way to a verdict.
#include "policy/decide.h"

#include <cppunit/extensions/HelperMacros.h>

namespace postern {

class DecideTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DecideTest);
  CPPUNIT_TEST(score_decides_ordinary_mail);
  CPPUNIT_TEST(a_proved_report_is_clean_whatever_its_score);
  CPPUNIT_TEST(an_unproved_report_where_bounces_are_enforced);
  CPPUNIT_TEST(without_the_store_only_a_whole_quote_is_called_forged);
  CPPUNIT_TEST(weak_evidence_only_lifts);
  CPPUNIT_TEST(monitor_holds_back_and_scores);
  CPPUNIT_TEST(other_automatic_mail_is_judged_by_score);
  CPPUNIT_TEST(reasons_are_words_and_short);
  CPPUNIT_TEST_SUITE_END();

  static RuleResult scored(double score) { return {score, {{"A", 1, "little"}, {"B", score - 1, "much"}}, {}}; }
  static BounceJudgement report(BounceKind kind, Evidence evidence, BounceState state, bool quotes) {
    BounceJudgement bounce;
    bounce.kind = kind;
    bounce.evidence = evidence;
    bounce.state = state;
    bounce.quotes_original = quotes;
    return bounce;
  }

  void score_decides_ordinary_mail() {
    CPPUNIT_ASSERT(judge({}, {}, {}).verdict == Verdict::kClean);
    CPPUNIT_ASSERT(judge(scored(4.9), {}, {}).verdict == Verdict::kClean);
    CPPUNIT_ASSERT(judge(scored(5), {}, {}).verdict == Verdict::kSpam);
    CPPUNIT_ASSERT(judge(scored(10), {}, {}).verdict == Verdict::kSureSpam);
    CPPUNIT_ASSERT(judge(scored(10), {}, {20, 30}).verdict == Verdict::kClean);
    CPPUNIT_ASSERT_EQUAL(std::string("score 12.0: much"), judge(scored(12), {}, {}).reason);
  }

  void a_proved_report_is_clean_whatever_its_score() {
    for (const BounceKind kind : {BounceKind::kFailure, BounceKind::kDelay, BounceKind::kSuccess}) {
      for (const Evidence evidence : {Evidence::kRecipient, Evidence::kMessageId, Evidence::kStamp, Evidence::kTag}) {
        for (const BounceState state : {BounceState::kOff, BounceState::kMonitor, BounceState::kEnforce}) {
          const Judgement out = judge(scored(50), report(kind, evidence, state, true), {});
          CPPUNIT_ASSERT(out.verdict == Verdict::kClean && out.would_be == Verdict::kClean);
        }
      }
    }
  }

  void an_unproved_report_where_bounces_are_enforced() {
    const auto quoting = report(BounceKind::kFailure, Evidence::kNone, BounceState::kEnforce, true);
    CPPUNIT_ASSERT(judge(scored(50), quoting, {}).verdict == Verdict::kForgedBounce);
    const auto bare = report(BounceKind::kDelay, Evidence::kNone, BounceState::kEnforce, false);
    CPPUNIT_ASSERT(judge({}, bare, {}).verdict == Verdict::kUnverifiedBounce);
    CPPUNIT_ASSERT(!judge({}, bare, {}).reason.empty());
  }

  void without_the_store_only_a_whole_quote_is_called_forged() {
    auto bounce = report(BounceKind::kFailure, Evidence::kNone, BounceState::kEnforce, true);
    bounce.unavailable = true;
    CPPUNIT_ASSERT(judge({}, bounce, {}).verdict == Verdict::kUnverifiedBounce);
    bounce.quotes_headers_fully = true;
    CPPUNIT_ASSERT(judge({}, bounce, {}).verdict == Verdict::kForgedBounce);
  }

  void weak_evidence_only_lifts() {
    BounceJudgement bounce = report(BounceKind::kFailure, Evidence::kRecipient, BounceState::kEnforce, true);
    CPPUNIT_ASSERT(judge(scored(2), bounce, {}).verdict == Verdict::kClean);
    bounce.lifted = true;
    CPPUNIT_ASSERT(judge(scored(2), bounce, {}).verdict == Verdict::kUnverifiedBounce);
    bounce.state = BounceState::kMonitor;
    const Judgement watched = judge(scored(2), bounce, {});
    CPPUNIT_ASSERT(watched.verdict == Verdict::kClean && watched.would_be == Verdict::kUnverifiedBounce);
    CPPUNIT_ASSERT(soften(Action::kDeliver) == Action::kDeliver && soften(Action::kTag) == Action::kTag);
    for (const Action harsh : {Action::kQuarantine, Action::kDelete, Action::kReject}) {
      CPPUNIT_ASSERT(soften(harsh) == Action::kTag);
    }
  }

  void monitor_holds_back_and_scores() {
    const auto bounce = report(BounceKind::kFailure, Evidence::kNone, BounceState::kMonitor, true);
    CPPUNIT_ASSERT(judge({}, bounce, {}).verdict == Verdict::kClean);
    CPPUNIT_ASSERT(judge({}, bounce, {}).would_be == Verdict::kForgedBounce);
    CPPUNIT_ASSERT_EQUAL(std::string("monitor only: report about a message that we did not send"),
                         judge({}, bounce, {}).reason);
    CPPUNIT_ASSERT(judge(scored(7), bounce, {}).verdict == Verdict::kSpam);
    const auto off = report(BounceKind::kFailure, Evidence::kNone, BounceState::kOff, true);
    CPPUNIT_ASSERT(judge(scored(7), off, {}).verdict == Verdict::kSpam);
    CPPUNIT_ASSERT(judge({}, off, {}).would_be == Verdict::kClean);
  }

  void other_automatic_mail_is_judged_by_score() {
    for (const BounceKind kind : {BounceKind::kNone, BounceKind::kMdn, BounceKind::kAutoreply, BounceKind::kChallenge,
                                  BounceKind::kFeedback, BounceKind::kOther}) {
      const auto bounce = report(kind, Evidence::kNone, BounceState::kEnforce, true);
      CPPUNIT_ASSERT(judge({}, bounce, {}).verdict == Verdict::kClean);
      CPPUNIT_ASSERT(judge(scored(7), bounce, {}).verdict == Verdict::kSpam);
    }
  }

  void reasons_are_words_and_short() {
    RuleResult rules{6, {{"LONG", 6, ""}}, {}};
    for (int i = 0; i < 60; ++i) rules.hits[0].reason += "\xc3\xa4";
    const std::string reason = judge(rules, {}, {}).reason;
    CPPUNIT_ASSERT(reason.size() <= 90);
    CPPUNIT_ASSERT_EQUAL(std::string("..."), reason.substr(reason.size() - 3));
    CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa4"), reason.substr(reason.size() - 5, 2));
    rules.hits[0].reason.clear();
    CPPUNIT_ASSERT_EQUAL(std::string("score 6.0: LONG"), judge(rules, {}, {}).reason);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DecideTest);

}  // namespace postern
