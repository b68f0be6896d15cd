// SPDX-License-Identifier: GPL-2.0-or-later
// What a transaction asks the MTA to copy to the live archive.
#include <cppunit/extensions/HelperMacros.h>

#include "base/strings.h"
#include "judge/transaction.h"
#include "unit/judge/fakes.h"

using namespace postern;

namespace {

constexpr UnixTime kNow = 1'186'000'000;  // 2007-08-01
const char* const kAnn = "ann=example.com@archive.example.net";
const char* const kBob = "bob=example.com@archive.example.net";

}  // namespace

class ArchiveTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ArchiveTest);
  CPPUNIT_TEST(an_inbound_message_is_copied_for_each_archived_recipient);
  CPPUNIT_TEST(without_an_address_nobody_is_asked_for);
  CPPUNIT_TEST(spam_is_not_copied);
  CPPUNIT_TEST(an_outbound_message_is_copied_for_its_sender);
  CPPUNIT_TEST(a_message_that_comes_again_is_not_copied_again);
  CPPUNIT_TEST(monitor_mode_copies_nothing);
  CPPUNIT_TEST(an_mta_that_would_report_gets_no_copies);
  CPPUNIT_TEST(what_could_not_be_asked_is_said);
  CPPUNIT_TEST(a_refused_message_is_not_copied);
  CPPUNIT_TEST_SUITE_END();

  FakeStore store_;
  FakeInspector inspector_;
  Judge judge_;
  Settings settings_;
  bool quiet_ = true;

 public:
  void setUp() override {
    settings_ = default_settings();
    settings_.archive_address = "{user}={domain}@archive.example.net";
    store_.state->keys["k1"] = {std::string(32, 'k'), kNow - 86400 * 30, true};
    store_.rows["@example.com"] = *parse_policy_row("archive=on");
    store_.rows["carol@example.com"] = *parse_policy_row("archive=off");
    judge_.store = &store_;
    judge_.inspector = &inspector_;
    judge_.now = [] { return kNow; };
  }

 private:
  Outcome run(const char* sender, const std::vector<const char*>& recipients, const char* auth = "",
              size_t own_headers = 0) {
    judge_.settings = std::make_shared<const Settings>(settings_);
    Client client;
    client.address = parse_ip("192.0.2.10").value();
    Session session(judge_, client, "STEST");
    if (!quiet_) session.forbid_archive();
    Transaction message(session, sender, auth);
    for (const char* recipient : recipients) message.recipient(recipient);
    message.header("Subject", "Offer");
    for (size_t i = 0; i < own_headers; ++i) message.header("X-Postern-Verdict", "clean");
    message.end_of_headers();
    return message.end_of_message("4F1");
  }
  static std::string copies(const Outcome& outcome) { return join(outcome.plan.archive, " "); }
  static void holds(const std::string& text, std::string_view part) {
    CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
  }
  static std::string both() { return std::string(kAnn) + " " + kBob; }

  void an_inbound_message_is_copied_for_each_archived_recipient() {
    const Outcome outcome =
        run("<eve@example.org>", {"<ann@example.com>", "<Ann+x@example.com>", "<carol@example.com>",
                                  "<bob@example.com>", "<dave@example.net>"});
    CPPUNIT_ASSERT_EQUAL(both(), copies(outcome));
    CPPUNIT_ASSERT(outcome.plan.add.empty() && outcome.plan.remove.empty() && outcome.edits.empty());
    holds(outcome.log_line.text(), "action=deliver, archive=2, ");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_.policy_calls);
  }

  void without_an_address_nobody_is_asked_for() {
    settings_.archive_address.clear();
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<eve@example.org>", {"<ann@example.com>"})));
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<ann@example.com>", {"<eve@example.org>"}, "ann")));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, store_.policy_calls);
  }

  void spam_is_not_copied() {
    for (const char* rule : {"6 subject =~ /offer/i", "12 subject =~ /offer/i"}) {
      std::vector<std::pair<std::string, std::string>> faults;
      store_.state->rules = RuleSet({{"OFFER", rule}}, &faults);
      store_.rows["bob@example.com"] = *parse_policy_row("spam=deliver surespam=tag archive=on");
      const Outcome outcome = run("<eve@example.org>", {"<ann@example.com>", "<bob@example.com>"});
      CPPUNIT_ASSERT_EQUAL(std::string(), copies(outcome));
      CPPUNIT_ASSERT(outcome.log_line.text().find("archive=") == std::string::npos);
    }
  }

  void an_outbound_message_is_copied_for_its_sender() {
    const Outcome out = run("<ann@example.com>", {"<eve@example.org>"}, "ann");
    CPPUNIT_ASSERT_EQUAL(std::string(kAnn), copies(out));
    holds(out.log_line.text(), "archive=1, direction=outbound");
    holds(out.log_line.text(), "(stamped)");
    CPPUNIT_ASSERT_EQUAL(both(), copies(run("<ann@example.com>", {"<bob@example.com>"}, "ann")));
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<carol@example.com>", {"<eve@example.org>"}, "carol")));
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<>", {"<eve@example.org>"}, "ann")));
    store_.rows["*"] = *parse_policy_row("archive=on");
    CPPUNIT_ASSERT_EQUAL(std::string(kAnn), copies(run("<ann@example.com>", {"<eve@example.org>"}, "ann")));
    store_.state->keys.clear();  // what cannot be stamped is archived all the same
    CPPUNIT_ASSERT_EQUAL(std::string(kAnn), copies(run("<ann@example.com>", {"<eve@example.org>"}, "ann")));
  }

  void a_message_that_comes_again_is_not_copied_again() {
    store_.rows["*"] = *parse_policy_row("archive=on");
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<eve@example.org>", {"<ann@example.com>", kAnn})));
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<eve@example.org>", {kAnn})));
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<>", {kAnn})));  // a report about the archive
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run(kAnn, {"<eve@example.org>"}, "ann")));
    CPPUNIT_ASSERT_EQUAL(std::string(kBob),
                         copies(run("<eve@example.org>", {"<ann@example.com>", kAnn, "bob@example.com"})));
  }

  void monitor_mode_copies_nothing() {
    settings_.mode = Mode::kMonitor;
    const Outcome outcome = run("<eve@example.org>", {"<ann@example.com>"});
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(outcome));
    holds(outcome.log_line.text(), "archive=monitor");
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(run("<ann@example.com>", {"<eve@example.org>"}, "ann")));
  }

  void an_mta_that_would_report_gets_no_copies() {
    quiet_ = false;
    const Outcome outcome = run("<eve@example.org>", {"<ann@example.com>"});
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(outcome));
    holds(outcome.log_line.text(), "(not archived: the MTA takes no parameters of recipients)");
  }

  void what_could_not_be_asked_is_said() {
    store_.away = true;
    const Outcome outcome = run("<eve@example.org>", {"<ann@example.com>"});
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(outcome));
    holds(outcome.log_line.text(), "(whether to archive could not be asked for some)");
    holds(run("<ann@example.com>", {"<eve@example.org>"}, "ann").log_line.text(),
          "(stamped; whether to archive could not be asked for some)");
  }

  void a_refused_message_is_not_copied() {
    const Outcome outcome = run("<eve@example.org>", {"<ann@example.com>"}, "", 4001);
    CPPUNIT_ASSERT(outcome.plan.final == ActionPlan::Final::kReject);
    CPPUNIT_ASSERT_EQUAL(std::string(), copies(outcome));
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ArchiveTest);
