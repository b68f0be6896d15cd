// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/transaction.h"

#include <cppunit/extensions/HelperMacros.h>

#include "bounce/stamp.h"
#include "bounce/tag.h"
#include "bounce/track.h"
#include "unit/judge/fakes.h"

using namespace postern;

namespace {

constexpr UnixTime kNow = 1'186'000'000;   // 2007-08-01
const char* const kAlice = "<alice@example.com>";

NetworkRow network(const char* prefix, const char* value) { return parse_network_row(prefix, value).value().front(); }

}  // namespace

class TransactionTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TransactionTest);
  CPPUNIT_TEST(the_gate_refuses_only_unlisted_clients_without_auth);
  CPPUNIT_TEST(the_gate_in_monitor_mode_only_counts);
  CPPUNIT_TEST(an_empty_list_locks_nobody_out);
  CPPUNIT_TEST(the_gate_at_connect_ignores_auth);
  CPPUNIT_TEST(outbound_mail_is_stamped_once_and_recorded);
  CPPUNIT_TEST(pictures_that_we_send_are_learned);
  CPPUNIT_TEST(pictures_of_clean_mail_are_learned);
  CPPUNIT_TEST(pictures_in_reports_do_not_count);
  CPPUNIT_TEST(a_stamp_of_another_sender_is_replaced);
  CPPUNIT_TEST(inbound_mail_loses_our_own_fields);
  CPPUNIT_TEST(our_own_fields_do_not_hide_behind_many_others);
  CPPUNIT_TEST(plain_text_needs_only_a_look_at_its_start);
  CPPUNIT_TEST(parts_that_are_only_text_spare_the_inspector);
  CPPUNIT_TEST(a_body_beyond_the_limit_is_cut);
  CPPUNIT_TEST(clean_mail_costs_no_policy_lookup);
  CPPUNIT_TEST(spam_is_tagged_and_says_so);
  CPPUNIT_TEST(recipients_get_their_own_action);
  CPPUNIT_TEST(old_tables_and_unknown_policies_are_said);
  CPPUNIT_TEST(a_true_bounce_passes_and_a_forged_one_is_held);
  CPPUNIT_TEST(weak_evidence_only_keeps_out_of_quarantine);
  CPPUNIT_TEST(a_watched_domain_keeps_its_bounces);
  CPPUNIT_TEST(pictures_are_chosen_by_the_rules);
  CPPUNIT_TEST(monitor_mode_changes_nothing);
  CPPUNIT_TEST(senders_of_a_domain_that_wants_it_are_tagged);
  CPPUNIT_TEST(tagged_recipients_are_restored);
  CPPUNIT_TEST(tagged_recipients_are_restored_in_monitor_mode);
  CPPUNIT_TEST(the_log_line_cannot_be_forged);
  CPPUNIT_TEST(a_store_that_is_away_means_default_policies);
  CPPUNIT_TEST_SUITE_END();

  FakeStore store_;
  FakeInspector inspector_;
  Judge judge_;
  Settings settings_;

 public:
  void setUp() override {
    settings_ = default_settings();
    store_.state->keys["k1"] = {std::string(32, 'k'), kNow - 86400 * 30, true};
    store_.state->domains["example.com"] = parse_domain_row("enforce").value();
    judge_.store = &store_;
    judge_.inspector = &inspector_;
    judge_.now = [] { return kNow; };
  }

 private:
  Session session(const char* ip = "192.0.2.10", bool local = false) {
    judge_.settings = std::make_shared<const Settings>(settings_);
    Client client;
    client.address = parse_ip(ip).value();
    client.local_submission = local;
    return Session(judge_, client, "STEST");
  }
  void set_rules(const std::vector<RuleSet::Row>& rows) {
    std::vector<std::pair<std::string, std::string>> faults;
    store_.state->rules = RuleSet(rows, &faults);
    CPPUNIT_ASSERT(faults.empty());
  }
  void list(std::vector<NetworkRow> rows) { store_.state->networks = NetworkTable(std::move(rows)); }

  // Runs one message of a multipart type, so that the inspector is asked.
  Outcome run(Session& session, const char* sender, const std::vector<const char*>& recipients,
              const std::vector<std::pair<const char*, const char*>>& headers, const char* auth = "") {
    Transaction transaction(session, sender, auth);
    for (const char* recipient : recipients) transaction.recipient(recipient);
    for (const auto& [name, value] : headers) transaction.header(name, value);
    if (transaction.end_of_headers()) transaction.body("--x\r\n\r\nhello\r\n--x--\r\n");
    return transaction.end_of_message("4F1");
  }
  static const HeaderEdit* edit(const Outcome& outcome, HeaderEdit::Kind kind, std::string_view name) {
    for (const HeaderEdit& each : outcome.edits) {
      if (each.kind == kind && each.name == name) return &each;
    }
    return nullptr;
  }
  static void holds(const std::string& text, std::string_view part) {
    CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
  }

  void the_gate_refuses_only_unlisted_clients_without_auth() {
    list({network("192.0.2.0/24", "allow"), network("192.0.2.66", "deny")});
    CPPUNIT_ASSERT(!session("192.0.2.10").gate_at_mail(""));
    const auto refusal = session("203.0.113.9").gate_at_mail("");
    CPPUNIT_ASSERT(refusal.has_value());
    CPPUNIT_ASSERT_EQUAL(std::string("203.0.113.9 is not in a network that may deliver here (postern)"), refusal->text);
    CPPUNIT_ASSERT(refusal->code == "550" && refusal->status == "5.7.1");
    CPPUNIT_ASSERT(session("192.0.2.66").gate_at_mail("").has_value());
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_mail("alice"));
    CPPUNIT_ASSERT(!session("127.0.0.1").gate_at_mail(""));
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_connect());
    CPPUNIT_ASSERT_EQUAL(size_t(2), store_.refusals.size());
  }

  void the_gate_in_monitor_mode_only_counts() {
    list({network("192.0.2.0/24", "allow")});
    settings_.gate = GateMode::kMonitor;
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_mail(""));
    CPPUNIT_ASSERT_EQUAL(size_t(1), store_.refusals.size());
    settings_.gate = GateMode::kOff;
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_mail(""));
    CPPUNIT_ASSERT_EQUAL(size_t(1), store_.refusals.size());
  }

  void an_empty_list_locks_nobody_out() {
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_mail(""));
    list({network("192.0.2.0/24", "outbound")});
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_mail(""));
  }

  void the_gate_at_connect_ignores_auth() {
    list({network("192.0.2.0/24", "allow")});
    settings_.gate_stage = GateStage::kConnect;
    CPPUNIT_ASSERT(session("203.0.113.9").gate_at_connect().has_value());
    CPPUNIT_ASSERT(!session("203.0.113.9").gate_at_mail(""));
    CPPUNIT_ASSERT(!session("192.0.2.1").gate_at_connect());
  }

  void outbound_mail_is_stamped_once_and_recorded() {
    Session first = session();
    const Outcome outcome =
        run(first, kAlice, {"<bob@example.net>"}, {{"From", "alice@example.com"}, {"Message-ID", "<1@example.com>"}},
            "alice");
    const HeaderEdit* stamp = edit(outcome, HeaderEdit::Kind::kInsert, "X-Postern-ID");
    CPPUNIT_ASSERT(stamp != nullptr);
    CPPUNIT_ASSERT(check_stamp(store_.state->keys, stamp->value, "Alice@example.com", kNow, settings_.track_life) ==
                   StampCheck::kValid);
    CPPUNIT_ASSERT_EQUAL(size_t(1), store_.tracked.size());
    CPPUNIT_ASSERT_EQUAL(size_t(3), store_.tracked[0].facts.size());
    CPPUNIT_ASSERT_EQUAL(std::string("example.com"), store_.tracked[0].sender_domain);
    CPPUNIT_ASSERT(inspector_.requests.empty());
    // The same message comes by again: the stamp stays, and nothing is edited.
    Session second = session("127.0.0.1", true);
    const Outcome again = run(second, kAlice, {"<bob@example.net>"}, {{"X-Postern-ID", stamp->value.c_str()}});
    CPPUNIT_ASSERT(again.edits.empty());
  }

  void pictures_that_we_send_are_learned() {
    inspector_.facts.images.resize(1);
    inspector_.facts.images[0].fingerprint = "0123";
    inspector_.facts.images[0].moved = {"0124"};
    Session one = session();
    run(one, kAlice, {"<bob@example.net>"}, {{"Content-Type", "text/plain"}}, "alice");
    CPPUNIT_ASSERT(inspector_.requests.empty());
    const Outcome outcome =
        run(one, kAlice, {"<bob@example.net>"}, {{"Content-Type", "Multipart/Mixed; boundary=b"}}, "alice");
    CPPUNIT_ASSERT(edit(outcome, HeaderEdit::Kind::kInsert, "X-Postern-ID") != nullptr);
    CPPUNIT_ASSERT_EQUAL(size_t(1), inspector_.requests.size());
    CPPUNIT_ASSERT_EQUAL(std::string("Content-Type: Multipart/Mixed; boundary=b\r\n"), inspector_.requests[0].header);
    CPPUNIT_ASSERT_EQUAL(size_t(1), store_.sightings.size());
    CPPUNIT_ASSERT(store_.sightings[0].purpose == ImageSighting::Purpose::kSent);
    CPPUNIT_ASSERT_EQUAL(std::string("0123"), store_.sightings[0].fingerprint);
    CPPUNIT_ASSERT_EQUAL(std::string("0124"), store_.sightings[0].moved.at(0));
  }

  // The fake store has seen every picture before, so a clean message teaches; spam does not.
  void pictures_of_clean_mail_are_learned() {
    inspector_.facts.images.resize(2);
    inspector_.facts.images[0].fingerprint = "0123";
    Session one = session();
    run(one, "<bob@example.net>", {kAlice}, {{"Content-Type", "image/jpeg"}});
    CPPUNIT_ASSERT_EQUAL(size_t(2), store_.sightings.size());
    CPPUNIT_ASSERT(store_.sightings[0].purpose == ImageSighting::Purpose::kCount);
    CPPUNIT_ASSERT(store_.sightings[1].purpose == ImageSighting::Purpose::kHarmless);
    settings_.spam_score = -1;  // now nothing is clean
    Session other = session();
    run(other, "<bob@example.net>", {kAlice}, {{"Content-Type", "image/jpeg"}});
    CPPUNIT_ASSERT_EQUAL(size_t(3), store_.sightings.size());
  }

  void pictures_in_reports_do_not_count() {
    inspector_.facts.images.resize(1);
    inspector_.facts.images[0].fingerprint = "0123";
    inspector_.facts.report.shape = "failure";
    Session one = session();
    run(one, "<>", {kAlice}, {{"Content-Type", "multipart/report; report-type=delivery-status; boundary=b"}});
    CPPUNIT_ASSERT(store_.sightings.empty());
    inspector_.facts.report.shape = "mdn";
    run(one, "<>", {kAlice}, {{"Content-Type", "multipart/report; report-type=delivery-status; boundary=b"}});
    CPPUNIT_ASSERT(!store_.sightings.empty());
  }

  void a_stamp_of_another_sender_is_replaced() {
    const std::string foreign = make_stamp(store_.state->keys, "eve@example.org", kNow).value();
    Session one = session();
    const Outcome outcome = run(one, kAlice, {"<bob@example.net>"}, {{"X-Postern-ID", foreign.c_str()}}, "alice");
    CPPUNIT_ASSERT_EQUAL(size_t(2), outcome.edits.size());
    CPPUNIT_ASSERT(outcome.edits[0].kind == HeaderEdit::Kind::kDelete && outcome.edits[0].index == 1);
    CPPUNIT_ASSERT(edit(outcome, HeaderEdit::Kind::kInsert, "X-Postern-ID")->value != foreign);
  }

  void inbound_mail_loses_our_own_fields() {
    Session one = session();
    const Outcome outcome = run(one, "<bob@example.net>", {kAlice},
                                {{"X-Postern-ID", "a"}, {"Subject", "hi"}, {"x-postern-id", "b"},
                                 {"X-Postern-Verdict", "clean"}});
    CPPUNIT_ASSERT_EQUAL(size_t(3), outcome.edits.size());
    CPPUNIT_ASSERT_EQUAL(std::string("X-Postern-Verdict"), outcome.edits[0].name);
    CPPUNIT_ASSERT_EQUAL(2U, outcome.edits[1].index);   // the later one first: deleting shifts the numbers
    CPPUNIT_ASSERT_EQUAL(1U, outcome.edits[2].index);
  }

  void our_own_fields_do_not_hide_behind_many_others() {
    Session one = session();
    std::vector<std::pair<const char*, const char*>> headers(5000, {"X-Padding", "a"});
    headers.emplace_back("X-Postern-Verdict", "clean");
    const Outcome outcome = run(one, "<bob@example.net>", {kAlice}, headers);
    CPPUNIT_ASSERT(edit(outcome, HeaderEdit::Kind::kDelete, "X-Postern-Verdict") != nullptr);
    CPPUNIT_ASSERT(outcome.plan.final == ActionPlan::Final::kAccept);

    headers.assign(5000, {"X-Postern-Padding", "a"});
    headers.emplace_back("X-Postern-Verdict", "clean");
    CPPUNIT_ASSERT(run(one, "<bob@example.net>", {kAlice}, headers).plan.final == ActionPlan::Final::kReject);
  }

  void plain_text_needs_only_a_look_at_its_start() {
    Session one = session();
    Transaction plain(one, "<bob@example.net>", "");
    plain.header("Content-Type", "text/plain");
    CPPUNIT_ASSERT(plain.end_of_headers());
    CPPUNIT_ASSERT(!plain.body("Hello,\r\nbegin 2 of these\r\n"));
    plain.end_of_message("");
    CPPUNIT_ASSERT(inspector_.requests.empty());
    Transaction pasted(one, "<bob@example.net>", "");
    pasted.end_of_headers();
    CPPUNIT_ASSERT(pasted.body("Hello,\r\nbegin 644 a.pdf\r\n#)5!$\r\n`\r\nend\r\n"));
    pasted.end_of_message("");
    CPPUNIT_ASSERT_EQUAL(size_t(1), inspector_.requests.size());
    Transaction report(one, "<>", "");
    report.end_of_headers();
    CPPUNIT_ASSERT(report.body("Hi. This is a text."));
    Transaction out(one, kAlice, "alice");
    CPPUNIT_ASSERT(!out.end_of_headers());
  }

  // How often the inspector is asked about a message of this type and body.
  size_t asked(const char* type, std::string_view body, const char* sender = "<bob@example.net>") {
    inspector_.requests.clear();
    Session one = session();
    Transaction message(one, sender, "");
    message.recipient(kAlice);
    message.header("Content-Type", type);
    CPPUNIT_ASSERT(message.end_of_headers());
    for (; !body.empty(); body.remove_prefix(std::min<size_t>(7, body.size()))) message.body(body.substr(0, 7));
    message.end_of_message("");
    return inspector_.requests.size();
  }

  void parts_that_are_only_text_spare_the_inspector() {
    const std::string texts =
        "--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "Hello=20there\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Hello there</p>\r\n";
    const char* const type = "multipart/alternative; boundary=x";
    CPPUNIT_ASSERT_EQUAL(size_t(0), asked(type, texts + "--x--\r\n"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), asked(type, texts + "--x--\r\n", "<>"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), asked("multipart/report; boundary=x", texts + "--x--\r\n"));
    CPPUNIT_ASSERT_EQUAL(size_t(1), asked("multipart/mixed; boundary=x; Report-Type=delivery-status", texts));
    for (const char* more :
         {"Content-Type: application/pdf\r\n\r\n", "content-type:image/png\r\n\r\n", "Content-Type: text/calendar\r\n",
          "Content-Type: text/plain\r\n\tx; charset=utf-8\r\n\r\n", "Content-Disposition: attachment\r\n\r\n",
          "Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8=", "Content-Type: multipart/mixed; boundary=y\r\n\r\n",
          "Content-Type: message/rfc822\r\n\r\n", "\r\nbegin 644 a.pdf\r\n#)5!$\r\n",
          "\r\n=62egin 644 a.pdf\r\n#)5!$\r\n",
          "\r\n%PDF-1.4\r\n", "\r\n=25P=\r\nDF-1.4\r\n", "\r\nPK\3\4", "\r\n=FF=D8=FF"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(more, size_t(1), asked(type, texts + "--x\r\n" + more + "\r\n--x--\r\n"));
    }
    set_rules({{"LONG", "1 body.visible_chars > 1000"}});  // a rule that looks at every body
    CPPUNIT_ASSERT_EQUAL(size_t(1), asked(type, texts + "--x--\r\n"));
  }

  void a_body_beyond_the_limit_is_cut() {
    settings_.body_limit = 64 << 10;
    Session one = session();
    Transaction big(one, "<bob@example.net>", "");
    big.header("Content-Type", "multipart/mixed; boundary=x");
    big.end_of_headers();
    const std::string piece(40'000, 'a');
    CPPUNIT_ASSERT(big.body(piece));
    CPPUNIT_ASSERT(!big.body(piece));
    big.end_of_message("");
    CPPUNIT_ASSERT_EQUAL(size_t(64 << 10), inspector_.requests.at(0).body.size());
    CPPUNIT_ASSERT(inspector_.requests.at(0).truncated);
  }

  void clean_mail_costs_no_policy_lookup() {
    Session one = session();
    const Outcome outcome = run(one, "<bob@example.net>", {kAlice}, {{"Subject", "hi"}});
    CPPUNIT_ASSERT(outcome.judgement.verdict == Verdict::kClean && outcome.edits.empty());
    CPPUNIT_ASSERT_EQUAL(size_t(0), store_.policy_calls + store_.find_calls);
    holds(outcome.log_line.text(),
          "4F1: client=[192.0.2.10], from=<bob@example.net>, to=<alice@example.com>, nrcpt=1, size=");
    holds(outcome.log_line.text(), "verdict=clean, score=0.0, rules=-, action=deliver, generation=0");
  }

  void spam_is_tagged_and_says_so() {
    set_rules({{"OFFER", "6 subject =~ /offer/i -- offers something"}});
    Session one = session();
    const Outcome outcome = run(one, "<bob@example.net>", {kAlice}, {{"Subject", " An Offer"}});
    CPPUNIT_ASSERT(outcome.judgement.verdict == Verdict::kSpam);
    CPPUNIT_ASSERT_EQUAL(std::string("[SPAM] An Offer"), edit(outcome, HeaderEdit::Kind::kChange, "Subject")->value);
    holds(edit(outcome, HeaderEdit::Kind::kInsert, "X-Postern-Verdict")->value, "spam; score=6.0;\n\trules=OFFER");
    holds(outcome.log_line.text(), "verdict=spam, score=6.0, rules=OFFER, action=tag");
    holds(outcome.log_line.text(), "to=<alice@example.com> action=tag policy=default");
  }

  void recipients_get_their_own_action() {
    set_rules({{"OFFER", "6 subject =~ /offer/i"}});
    store_.rows["alice@example.com"] = parse_policy_row("spam=quarantine").value();
    settings_.quarantine_address = "{user}+quarantine@{domain}";
    Session one = session();
    const Outcome outcome =
        run(one, "<bob@example.net>", {kAlice, "<carol@example.com>"}, {{"Subject", "Offer"}});
    CPPUNIT_ASSERT(outcome.plan.remove == std::vector<std::string>{"alice@example.com"});
    CPPUNIT_ASSERT(outcome.plan.add == std::vector<std::string>{"alice+quarantine@example.com"});
    holds(outcome.log_line.text(), "action=mixed");
    holds(outcome.log_line.text(), "to=<alice@example.com> action=quarantine policy=alice@example.com, "
                            "to=<carol@example.com> action=tag policy=default");
  }

  void old_tables_and_unknown_policies_are_said() {
    set_rules({{"OFFER", "6 subject =~ /offer/i"}});
    Session one = session();
    const auto line = [&] { return run(one, "<bob@example.net>", {kAlice}, {{"Subject", "Offer"}}).log_line.text(); };
    CPPUNIT_ASSERT(line().find("stale=") == std::string::npos);
    store_.stale = 37;
    one.refresh();
    holds(line(), ", stale=37, delay=");
    holds(line(), "policy=default (");
    store_.stale.reset();
    store_.away = true;
    one.refresh();
    holds(line(), "stale=0, ");
    holds(line(), "to=<alice@example.com> action=tag policy=default?");
  }

  void a_true_bounce_passes_and_a_forged_one_is_held() {
    inspector_.facts.report.shape = "failure";
    inspector_.facts.report.quotes_original = true;
    inspector_.facts.report.quotes_headers_fully = true;
    inspector_.facts.report.stamps = {make_stamp(store_.state->keys, "alice@example.com", kNow - 3600).value()};
    const std::vector<std::pair<const char*, const char*>> headers{{"Content-Type", "multipart/report; boundary=x"}};
    Session one = session();
    const Outcome good = run(one, "<>", {kAlice}, headers);
    CPPUNIT_ASSERT(good.judgement.verdict == Verdict::kClean);
    CPPUNIT_ASSERT(good.judgement.bounce.evidence == Evidence::kStamp);
    holds(edit(good, HeaderEdit::Kind::kInsert, "X-Postern-Verdict")->value, "bounce=failure/stamp");
    // The same stamp harvested and replayed to somebody else of the domain.
    const Outcome replayed = run(one, "<>", {"<carol@example.com>"}, headers);
    CPPUNIT_ASSERT(replayed.judgement.verdict == Verdict::kForgedBounce);
    CPPUNIT_ASSERT(replayed.plan.final == ActionPlan::Final::kHold);
    CPPUNIT_ASSERT(store_.bounces ==
                   (std::vector<std::string>{"example.com verified", "example.com forged"}));
    inspector_.facts.report.stamps.clear();
    inspector_.facts.report.quotes_original = inspector_.facts.report.quotes_headers_fully = false;
    CPPUNIT_ASSERT(run(one, "<>", {kAlice}, headers).judgement.verdict == Verdict::kUnverifiedBounce);
  }

  void weak_evidence_only_keeps_out_of_quarantine() {
    inspector_.facts.report.shape = "failure";
    inspector_.facts.report.failed_recipients = {"bob@example.net"};
    store_.rows["alice@example.com"] = parse_policy_row("unverified-bounce=delete").value();
    const std::vector<std::pair<const char*, const char*>> headers{{"Content-Type", "multipart/report; boundary=x"},
                                                                   {"Subject", "Failed"}};
    Session one = session();
    run(one, kAlice, {"<bob@example.net>"}, {}, "alice");
    CPPUNIT_ASSERT(run(one, "<>", {kAlice}, headers).judgement.verdict == Verdict::kClean);
    settings_.recipient_evidence = RecipientEvidence::kTag;
    Session two = session();
    const Outcome lifted = run(two, "<>", {kAlice}, headers);
    CPPUNIT_ASSERT(lifted.judgement.verdict == Verdict::kUnverifiedBounce);
    CPPUNIT_ASSERT(lifted.plan.final == ActionPlan::Final::kAccept && lifted.plan.remove.empty());
    CPPUNIT_ASSERT_EQUAL(std::string("[BOUNCE?] Failed"), edit(lifted, HeaderEdit::Kind::kChange, "Subject")->value);
    holds(lifted.log_line.text(), "bounce=failure/recipient, action=tag");
    inspector_.facts.report.failed_recipients = {"dave@example.net"};
    CPPUNIT_ASSERT(run(two, "<>", {kAlice}, headers).plan.final == ActionPlan::Final::kDiscard);
    CPPUNIT_ASSERT(store_.bounces == (std::vector<std::string>{"example.com verified", "example.com unverified",
                                                               "example.com unverified"}));
  }

  void a_watched_domain_keeps_its_bounces() {
    inspector_.facts.report.shape = "failure";
    inspector_.facts.report.quotes_original = inspector_.facts.report.quotes_headers_fully = true;
    store_.state->domains["example.com"] = parse_domain_row("since=2007-07-31T00:00:00Z").value();
    Session one = session();
    const std::vector<std::pair<const char*, const char*>> headers{{"Content-Type", "multipart/report; boundary=x"}};
    const Outcome young = run(one, "<>", {kAlice}, headers);
    CPPUNIT_ASSERT(young.judgement.verdict == Verdict::kClean);
    holds(young.log_line.text(), "bounce=monitor, report=failure/none, would-be=forged-bounce, action=deliver");
    store_.state->domains["example.com"] = parse_domain_row("since=2007-07-20T00:00:00Z").value();
    CPPUNIT_ASSERT(run(one, "<>", {kAlice}, headers).judgement.verdict == Verdict::kForgedBounce);
  }

  std::string sender_of(Session& session, const std::string& sender) {
    const Outcome outcome = run(session, sender.c_str(), {"<bob@example.net>"}, {}, "alice");
    reason_ = outcome.judgement.reason;
    return outcome.sender.value_or("");
  }
  std::string tag(UnixTime when, const char* address = "alice@example.com") {
    return make_tag(store_.state->keys, address, when, settings_.track_life).value();
  }
  std::string reason_;

  void senders_of_a_domain_that_wants_it_are_tagged() {
    Session off = session();
    CPPUNIT_ASSERT_EQUAL(std::string(), sender_of(off, kAlice));
    store_.state->domains["example.com"] = parse_domain_row("enforce tag=on").value();
    Session one = session();
    const std::string tagged = sender_of(one, "<Alice@Example.com>");
    CPPUNIT_ASSERT(check_tag(store_.state->keys, tagged, kNow).check == TagCheck::kValid);
    CPPUNIT_ASSERT_EQUAL(std::string("stamped, tagged"), reason_);
    // It passes again, on this day or a later one: the tag stays, and the stamp is that of the sender without it.
    CPPUNIT_ASSERT_EQUAL(std::string(), sender_of(one, tagged));
    CPPUNIT_ASSERT_EQUAL(std::string("stamped, tagged before"), reason_);
    CPPUNIT_ASSERT_EQUAL(std::string(), sender_of(one, tag(kNow - 5 * 86400)));
    CPPUNIT_ASSERT(store_.tracked.back().facts.back() ==
                   track_hash(store_.state->keys["k1"], recipient_fact("bob@example.net", "alice@example.com")));
    CPPUNIT_ASSERT_EQUAL(tag(kNow), sender_of(one, tag(kNow - 20 * 86400)));  // one that has expired is renewed
    for (const char* sender : {"<>", "<dave@example.org>", "<prvs=1234567890=alice@example.com>",
                               "<a123456789b123456789c123456789d123456789e12345678@example.com>"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(sender, std::string(), sender_of(one, sender));
    }
    holds(reason_, "not tagged: the local part has more than 48 octets");
    one.forbid_sender_change();
    CPPUNIT_ASSERT_EQUAL(std::string(), sender_of(one, kAlice));
    holds(reason_, "not tagged");
    CPPUNIT_ASSERT(!run(one, "<bob@example.net>", {kAlice}, {}).sender);  // inbound
    settings_.mode = Mode::kMonitor;
    Session watched = session();
    CPPUNIT_ASSERT_EQUAL(std::string(), sender_of(watched, kAlice));
  }

  void tagged_recipients_are_restored() {
    inspector_.facts.report.shape = "failure";
    inspector_.facts.report.quotes_original = inspector_.facts.report.quotes_headers_fully = true;
    const std::vector<std::pair<const char*, const char*>> headers{{"Content-Type", "multipart/report; boundary=x"}};
    const std::string good = tag(kNow - 86400);
    Session one = session();
    const Outcome proved = run(one, "<>", {good.c_str()}, headers);
    CPPUNIT_ASSERT(proved.judgement.bounce.evidence == Evidence::kTag);
    CPPUNIT_ASSERT(proved.judgement.verdict == Verdict::kClean);
    CPPUNIT_ASSERT(proved.plan.remove == std::vector<std::string>{good});
    CPPUNIT_ASSERT(proved.plan.add == std::vector<std::string>{"alice@example.com"});
    holds(proved.log_line.text(), "to=<alice@example.com>");
    CPPUNIT_ASSERT_EQUAL(size_t(0), store_.find_calls);
    store_.rows["alice@example.com"] = parse_policy_row("forged-bounce=tag").value();
    const std::string old = tag(kNow - 20 * 86400);
    const Outcome expired = run(one, "<>", {old.c_str()}, headers);  // no evidence, but alice's policy and mailbox
    CPPUNIT_ASSERT(expired.judgement.verdict == Verdict::kForgedBounce);
    holds(expired.log_line.text(), "to=<alice@example.com> action=tag policy=alice@example.com");
    CPPUNIT_ASSERT(expired.plan.add == std::vector<std::string>{"alice@example.com"});
    const Outcome wrong = run(one, "<>", {"<prvs=1234567890=alice@example.com>"}, headers);
    CPPUNIT_ASSERT(wrong.judgement.verdict == Verdict::kForgedBounce);
    CPPUNIT_ASSERT(wrong.plan.final == ActionPlan::Final::kHold && wrong.plan.add.empty());
    // Ordinary mail, and what a local program sends.
    CPPUNIT_ASSERT(run(one, "<bob@example.net>", {good.c_str()}, {}).plan.remove == std::vector<std::string>{good});
    CPPUNIT_ASSERT(run(one, "<>", {good.c_str()}, {}, "alice").plan.remove == std::vector<std::string>{good});
  }

  // Else the message would be lost: no mailbox has the tagged address.
  void tagged_recipients_are_restored_in_monitor_mode() {
    settings_.mode = Mode::kMonitor;
    const std::string good = tag(kNow);
    Session one = session();
    const Outcome outcome = run(one, "<bob@example.net>", {good.c_str()}, {{"X-Postern-ID", "x"}});
    CPPUNIT_ASSERT(outcome.edits.empty());
    CPPUNIT_ASSERT(outcome.plan.remove == std::vector<std::string>{good});
    CPPUNIT_ASSERT(outcome.plan.add == std::vector<std::string>{"alice@example.com"});
  }

  void pictures_are_chosen_by_the_rules() {
    set_rules({{"LINES", "6 image.text_lines >= 3 and image.width < 1000"}, {"BLOCKED", "10 image.blocked"}});
    ImageFacts picture;
    picture.skipped = true;
    picture.width = 640;
    inspector_.facts.images = {picture, picture};
    inspector_.facts.images[1].width = 2480;
    const auto send = [this](const char* auth) {
      Session one = session();
      Transaction transaction(one, "<bob@example.net>", auth);
      transaction.recipient(kAlice);
      transaction.header("Content-Type", "multipart/mixed; boundary=x");
      CPPUNIT_ASSERT(transaction.end_of_headers());
      transaction.body("--x\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n");
      transaction.end_of_message("4F1");
      return inspector_.choices;
    };
    store_.blocks = false;
    CPPUNIT_ASSERT(send("") == (std::vector<std::vector<bool>>{{true, false}}));
    store_.blocks = true;
    CPPUNIT_ASSERT(send("").back() == (std::vector<bool>{true, true}));
    CPPUNIT_ASSERT_EQUAL(size_t(2), send("alice").size());  // what we send is decoded without a question
    judge_.every_picture = true;
    CPPUNIT_ASSERT_EQUAL(size_t(2), send("").size());
    CPPUNIT_ASSERT_EQUAL(size_t(4), inspector_.requests.size());
  }

  void monitor_mode_changes_nothing() {
    set_rules({{"OFFER", "12 subject =~ /offer/i"}});
    settings_.mode = Mode::kMonitor;
    list({network("198.51.100.0/24", "allow")});
    Session one = session();
    CPPUNIT_ASSERT(!one.gate_at_mail(""));
    const Outcome outcome = run(one, "<bob@example.net>", {kAlice}, {{"Subject", "Offer"}, {"X-Postern-ID", "x"}});
    CPPUNIT_ASSERT(outcome.judgement.verdict == Verdict::kSureSpam);
    CPPUNIT_ASSERT(outcome.edits.empty() && outcome.plan.final == ActionPlan::Final::kAccept);
    CPPUNIT_ASSERT(outcome.plan.remove.empty() && outcome.plan.subject_tag.empty());
    holds(outcome.log_line.text(), "verdict=surespam");
    holds(outcome.log_line.text(), "action=monitor");
  }

  void the_log_line_cannot_be_forged() {
    Session one = session();
    const Outcome outcome = run(one, "<bob@example.net\n4F2: verdict=clean>", {kAlice}, {});
    CPPUNIT_ASSERT(outcome.log_line.text().find('\n') == std::string::npos);
    holds(outcome.log_line.text(), "from=<bob@example.net\\x0a4f2");
  }

  void a_store_that_is_away_means_default_policies() {
    set_rules({{"OFFER", "6 subject =~ /offer/i"}});
    store_.rows["alice@example.com"] = parse_policy_row("spam=delete").value();
    store_.away = true;
    Session one = session();
    const Outcome outcome = run(one, "<bob@example.net>", {kAlice}, {{"Subject", "Offer"}});
    CPPUNIT_ASSERT_EQUAL(std::string("[SPAM] "), outcome.plan.subject_tag);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TransactionTest);
