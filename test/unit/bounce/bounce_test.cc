// SPDX-License-Identifier: GPL-2.0-or-later
// Stamps, tracking facts, kinds of automatic mail, and what a report needs to be believed.
#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <set>

#include "bounce/stamp.h"
#include "bounce/track.h"
#include "bounce/verify.h"

using namespace postern;

namespace {

constexpr UnixTime kNow = 1795521600;  // 2026-11-24T12:00:00Z
constexpr Millis kLife{10 * 86'400'000LL};
const std::string kAlice = "alice@example.com";

KeyTable one_key() {
  KeyTable keys;
  keys["k1"] = {std::string(32, 'a'), kNow - 100 * 86400, true};
  return keys;
}

// Remembers records by day, as a store does, and counts how often it is asked.
class MemoryStore : public Store {
 public:
  TablesPtr tables() override { return nullptr; }
  Result<std::vector<PolicyChain>> policies(std::span<const std::string>, Deadline) override {
    return std::vector<PolicyChain>();
  }
  void track(TrackRecord record) override {
    for (const TrackHash& fact : record.facts)
      facts_[{record.day, fact}] = record.day * UnixTime{86400} + record.minute * 60;
  }
  Result<std::vector<std::optional<UnixTime>>> find(std::span<const TrackQuery> queries, std::span<const std::string>,
                                                    Deadline) override {
    ++calls;
    asked += queries.size();
    if (away) return unavailable("no connection");
    std::vector<std::optional<UnixTime>> out(queries.size());
    for (size_t i = 0; i < queries.size(); ++i) {
      for (Day day = queries[i].first; day <= queries[i].last; ++day) {
        const auto found = facts_.find({day, queries[i].fact});
        if (found != facts_.end()) out[i] = found->second;
      }
    }
    return out;
  }
  Result<std::vector<ImageCount>> count_images(std::span<const ImageSighting>, UnixTime, Deadline) override {
    return std::vector<ImageCount>();
  }
  void count_refusal(const IpAddress&, UnixTime) override {}
  void count_bounce(std::string_view, std::string_view) override {}
  StoreHealth health() const override { return {}; }
  Status reload() override { return Nothing{}; }
  bool flush(Deadline) override { return true; }
  Result<std::vector<RefusedSource>> refused(size_t, Deadline) override { return std::vector<RefusedSource>(); }
  Result<std::vector<NodeInfo>> nodes(Deadline) override { return std::vector<NodeInfo>(); }
  void describe(std::string_view, std::string_view) override {}

  int calls = 0;
  size_t asked = 0;
  bool away = false;

 private:
  std::map<std::pair<Day, TrackHash>, UnixTime> facts_;
};

}  // namespace

class BounceTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BounceTest);
  CPPUNIT_TEST(stamp_form);
  CPPUNIT_TEST(stamp_for_its_sender_only);
  CPPUNIT_TEST(stamp_altered);
  CPPUNIT_TEST(stamp_times);
  CPPUNIT_TEST(stamp_keys);
  CPPUNIT_TEST(stamp_shape);
  CPPUNIT_TEST(secrets_differ);
  CPPUNIT_TEST(keys_by_day);
  CPPUNIT_TEST(queries_by_day);
  CPPUNIT_TEST(records);
  CPPUNIT_TEST(kinds);
  CPPUNIT_TEST(valid_stamp_needs_no_store);
  CPPUNIT_TEST(tag_needs_nothing_else);
  CPPUNIT_TEST(harvested_stamp);
  CPPUNIT_TEST(message_id_evidence);
  CPPUNIT_TEST(recipient_evidence);
  CPPUNIT_TEST(recipient_evidence_only_lifts);
  CPPUNIT_TEST(whole_quote_needs_more);
  CPPUNIT_TEST(own_address_proves_nothing);
  CPPUNIT_TEST(nothing_to_look_up);
  CPPUNIT_TEST(one_call_at_most);
  CPPUNIT_TEST(other_kinds_not_judged);
  CPPUNIT_TEST(domain_states);
  CPPUNIT_TEST(store_away);
  CPPUNIT_TEST(unread_report);
  CPPUNIT_TEST(after_key_rotation);
  CPPUNIT_TEST_SUITE_END();

  MemoryStore store_;
  Tables tables_;
  Facts facts_;
  VerifyOptions options_;
  std::string tagged_;

 public:
  void setUp() override {
    store_ = MemoryStore();
    tables_ = Tables();
    tables_.keys = one_key();
    tables_.domains["example.com"].wanted = BounceState::kEnforce;
    options_ = VerifyOptions();
    tagged_.clear();
    facts_ = Facts();
    facts_.body.inspected = true;
    facts_.body.report.shape = "failure";
  }

 private:
  BounceJudgement verify(std::vector<std::string> recipients = {kAlice}, BounceKind kind = BounceKind::kFailure,
                         UnixTime now = kNow) {
    return verify_bounce(facts_, kind, {recipients, tagged_}, tables_, store_, options_, now,
                         Deadline::after(Millis(1000)));
  }
  std::string stamp(std::string_view sender = kAlice) {
    return make_stamp(tables_.keys, sender, kNow - 86400).value();
  }
  void sent(std::string_view id, std::vector<std::string> recipients, UnixTime when = kNow - 3 * 86400) {
    store_.track(make_track_record(tables_.keys, "", kAlice, id, recipients, when));
  }
  static void same(std::string_view expected, std::string_view actual) {
    CPPUNIT_ASSERT_EQUAL(std::string(expected), std::string(actual));
  }
  void is(Evidence evidence, int calls, const BounceJudgement& judgement) {
    same(to_string(evidence), to_string(judgement.evidence));
    CPPUNIT_ASSERT_EQUAL(calls, store_.calls);
  }

  void stamp_form() {
    const std::string text = make_stamp(one_key(), kAlice, kNow).value();
    CPPUNIT_ASSERT(text.size() < 72);
    CPPUNIT_ASSERT_EQUAL(std::string::npos,
                         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                                "0123456789-_."));
    const Stamp parsed = parse_stamp(" " + text + "\r\n").value();
    same("k1", parsed.key_id);
    CPPUNIT_ASSERT_EQUAL(day_of(kNow), parsed.day);
    CPPUNIT_ASSERT(text != make_stamp(one_key(), kAlice, kNow).value());
    CPPUNIT_ASSERT(!make_stamp({}, kAlice, kNow).ok());
  }

  void stamp_for_its_sender_only() {
    const KeyTable keys = one_key();
    const std::string text = make_stamp(keys, "Alice@Example.com", kNow).value();
    const auto check = [&](std::string_view sender) { return check_stamp(keys, text, sender, kNow, kLife); };
    CPPUNIT_ASSERT(check("<alice@example.com>") == StampCheck::kValid);
    CPPUNIT_ASSERT(check("ALICE@EXAMPLE.COM") == StampCheck::kValid);
    CPPUNIT_ASSERT(check("bob@example.com") == StampCheck::kWrongMac);
    CPPUNIT_ASSERT(check("alice@example.org") == StampCheck::kWrongMac);
    CPPUNIT_ASSERT(check("") == StampCheck::kWrongMac);
  }

  void stamp_altered() {
    const KeyTable keys = one_key();
    const std::string text = make_stamp(keys, kAlice, kNow).value();
    for (size_t i = 0; i < text.size(); ++i) {
      std::string other = text;
      other[i] = other[i] == 'b' ? 'c' : 'b';
      CPPUNIT_ASSERT(check_stamp(keys, other, kAlice, kNow, kLife) != StampCheck::kValid);
    }
  }

  void stamp_times() {
    const KeyTable keys = one_key();
    const auto check = [&](int days) {
      return check_stamp(keys, make_stamp(keys, kAlice, kNow - days * 86400).value(), kAlice, kNow, kLife);
    };
    CPPUNIT_ASSERT(check(0) == StampCheck::kValid);
    CPPUNIT_ASSERT(check(10) == StampCheck::kValid);
    CPPUNIT_ASSERT(check(11) == StampCheck::kExpired);
    CPPUNIT_ASSERT(check(-1) == StampCheck::kValid);
    CPPUNIT_ASSERT(check(-2) == StampCheck::kFuture);
  }

  void stamp_keys() {
    KeyTable keys = one_key();
    const std::string text = make_stamp(keys, kAlice, kNow).value();
    keys["k1"].active = false;
    keys["k2"] = {std::string(32, 'b'), kNow, true};
    CPPUNIT_ASSERT(check_stamp(keys, text, kAlice, kNow, kLife) == StampCheck::kValid);  // old keys verify
    same("k2", parse_stamp(make_stamp(keys, kAlice, kNow).value()).value().key_id);
    keys["k1"].secret = std::string(32, 'c');
    CPPUNIT_ASSERT(check_stamp(keys, text, kAlice, kNow, kLife) == StampCheck::kWrongMac);
    keys.erase("k1");
    CPPUNIT_ASSERT(check_stamp(keys, text, kAlice, kNow, kLife) == StampCheck::kUnknownKey);
    keys["k1"].secret = "short";
    CPPUNIT_ASSERT(check_stamp(keys, text, kAlice, kNow, kLife) == StampCheck::kUnknownKey);
  }

  void stamp_shape() {
    for (const char* bad :
         {"", "1", "1.k1.506a0000000000000000.", "2.k1.506a0000000000000000.aaaaaaaaaaaaaaaaaaaaaa",
          "1..506a0000000000000000.aaaaaaaaaaaaaaaaaaaaaa", "1.keykeykey.506a0000000000000000.aaaaaaaaaaaaaaaaaaaaaa",
          "1.k1.506A0000000000000000.aaaaaaaaaaaaaaaaaaaaaa", "1.k1.506a000000000000000.aaaaaaaaaaaaaaaaaaaaaa",
          "1.k1.506a0000000000000000.aaaaaaaaaaaaaaaaaaaaa=", "1.k1.506a0000000000000000.aaaaaaaaaaaaaaaaaaaaaa.x"}) {
      CPPUNIT_ASSERT_MESSAGE(bad, !parse_stamp(bad).ok());
      CPPUNIT_ASSERT(check_stamp(one_key(), bad, kAlice, kNow, kLife) == StampCheck::kMalformed);
    }
    CPPUNIT_ASSERT(parse_stamp("1.k1.506a0000000000000000.aaaaaaaaaaaaaaaaaaaaaa").ok());
  }

  void secrets_differ() {
    CPPUNIT_ASSERT_EQUAL(size_t{32}, new_key_secret().size());
    CPPUNIT_ASSERT(new_key_secret() != new_key_secret());
  }

  void keys_by_day() {
    KeyTable keys;
    const Day today = day_of(kNow);
    keys["a"] = {std::string(32, 'a'), kNow - 20 * 86400, false};
    keys["b"] = {std::string(32, 'b'), kNow - 5 * 86400, true};
    const auto ids = [&](Day day) {
      std::string out;
      for (const KeyRow* key : keys_of_day(keys, day)) out += key->secret[0];
      return out;
    };
    same("", ids(today - 21));
    same("a", ids(today - 20));
    same("a", ids(today - 6));
    same("ab", ids(today - 5));  // the day of the change
    same("b", ids(today - 4));
    keys["a"].active = true;
    keys["b"].active = false;  // somebody went back to the old key
    same("ab", ids(today));
  }

  void queries_by_day() {
    KeyTable keys = one_key();
    std::vector<TrackQuery> queries;
    add_track_queries(keys, "x", day_of(kNow) - 10, day_of(kNow), queries);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, queries.size());
    CPPUNIT_ASSERT_EQUAL(day_of(kNow) - 10, queries[0].first);
    CPPUNIT_ASSERT_EQUAL(day_of(kNow), queries[0].last);
    keys["k2"] = {std::string(32, 'b'), kNow - 5 * 86400, true};
    queries.clear();
    add_track_queries(keys, "x", day_of(kNow) - 10, day_of(kNow), queries);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, queries.size());
    CPPUNIT_ASSERT_EQUAL(day_of(kNow) - 5, queries[0].last);
    CPPUNIT_ASSERT_EQUAL(day_of(kNow) - 5, queries[1].first);
    CPPUNIT_ASSERT(queries[0].fact != queries[1].fact);
  }

  void records() {
    const std::vector<std::string> recipients{"<Bob@Example.org>", "bob@example.org", "carl@example.net"};
    const TrackRecord record =
        make_track_record(one_key(), "1.k1.x.y", "<Alice@Example.COM>", "<m@example.com>", recipients, kNow);
    CPPUNIT_ASSERT_EQUAL(size_t{4}, record.facts.size());  // stamp, Message-ID, two recipients
    CPPUNIT_ASSERT_EQUAL(day_of(kNow), record.day);
    CPPUNIT_ASSERT_EQUAL(uint16_t{720}, record.minute);
    same("example.com", record.sender_domain);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, make_track_record(one_key(), "x", kAlice, "", {}, kNow).facts.size());
    CPPUNIT_ASSERT(make_track_record({}, "x", kAlice, "<m@x>", recipients, kNow).facts.empty());
    const std::set<std::string> texts{message_id_fact("<a@b>", "c@d.example"), recipient_fact("a@b", "c@d.example"),
                                      recipient_fact("c@d.example", "a@b"), stamp_fact("a@b")};
    CPPUNIT_ASSERT_EQUAL(size_t{4}, texts.size());
  }

  void kinds() {
    const auto kind = [this](BounceKind by_rules = BounceKind::kNone) {
      return to_string(bounce_kind(facts_, by_rules));
    };
    same("failure", kind(BounceKind::kAutoreply));  // shape first
    facts_.body.report.shape = "mdn";
    same("mdn", kind(BounceKind::kFailure));
    facts_.body.report.shape.clear();
    same("none", kind());
    same("challenge", kind(BounceKind::kChallenge));
    facts_.message.null_sender = true;
    same("other", kind());  // a null sender alone proves nothing
    facts_.headers = {{"In-Reply-To", "<x@y>"}};
    same("autoreply", kind());
    facts_.message.auto_submitted = "auto-generated (failure)";
    same("failure", kind());
    facts_.message.auto_submitted = "auto-replied";
    same("autoreply", kind());
    same("delay", kind(BounceKind::kDelay));
    facts_.headers = {{"x-failed-recipients", "bob@example.org"}};
    same("failure", kind());
    facts_ = Facts();
    facts_.headers = {{"Content-Type", "multipart/report; report-type=disposition-notification"}};
    facts_.message.content_type = "multipart/report";
    same("mdn", kind());
  }

  void valid_stamp_needs_no_store() {
    facts_.body.report.stamps = {"rubbish", stamp()};
    facts_.body.report.message_ids = {"<m@example.com>"};
    is(Evidence::kStamp, 0, verify());
    is(Evidence::kStamp, 0, verify({"<ALICE@example.com>"}));
    is(Evidence::kStamp, 0, verify({"zoe@example.com", kAlice}));  // evidence for one is evidence for the report
  }

  void tag_needs_nothing_else() {
    facts_.body.report.quotes_original = facts_.body.report.quotes_headers_fully = true;
    tagged_ = kAlice;
    const BounceJudgement judgement = verify();
    is(Evidence::kTag, 0, judgement);
    same("sent to a tagged address of alice@example.com", judgement.reason);
    is(Evidence::kNone, 0, verify({kAlice}, BounceKind::kAutoreply));
    store_.away = true;
    facts_.body.inspected = false;
    is(Evidence::kTag, 0, verify());
  }

  void harvested_stamp() {
    facts_.body.report.stamps = {stamp("bob@example.com")};
    facts_.body.report.quotes_original = facts_.body.report.quotes_headers_fully = true;
    const auto judgement = verify();
    is(Evidence::kNone, 0, judgement);
    same("report quotes a message with a stamp not made for this address", judgement.reason);
  }

  void message_id_evidence() {
    sent("<m1@example.com>", {"bob@example.org"});
    facts_.body.report.message_ids = {"<other@example.com>", "<m1@example.com>"};
    is(Evidence::kMessageId, 1, verify());
    is(Evidence::kNone, 2, verify({"zoe@example.com"}));  // somebody else's
    facts_.body.report.message_ids.clear();
    facts_.headers = {{"References", "<m1@example.com>"}};
    is(Evidence::kMessageId, 3, verify());
    is(Evidence::kNone, 4, verify({kAlice}, BounceKind::kFailure, kNow + 8 * 86400));  // too long ago
  }

  void recipient_evidence() {
    sent("", {"bob@example.org"});
    facts_.body.report.failed_recipients = {"Bob@Example.ORG"};
    is(Evidence::kRecipient, 1, verify());
    is(Evidence::kNone, 2, verify({"zoe@example.com"}));
    facts_.body.report.failed_recipients.clear();
    facts_.headers = {{"X-Failed-Recipients", "carl@example.org, bob@example.org"}};
    is(Evidence::kRecipient, 3, verify());
    sent("<m1@example.com>", {});
    facts_.body.report.message_ids = {"<m1@example.com>"};
    is(Evidence::kMessageId, 4, verify());  // the stronger one is named
  }

  void recipient_evidence_only_lifts() {
    sent("", {"bob@example.org"});
    facts_.body.report.failed_recipients = {"bob@example.org"};
    CPPUNIT_ASSERT(!verify().lifted);
    options_.believe_recipient = false;
    auto judgement = verify();
    is(Evidence::kRecipient, 2, judgement);
    CPPUNIT_ASSERT(judgement.lifted);
    facts_.body.report.stamps = {stamp()};  // stronger evidence is believed all the same
    judgement = verify();
    is(Evidence::kStamp, 2, judgement);
    CPPUNIT_ASSERT(!judgement.lifted);
  }

  void whole_quote_needs_more() {
    sent("", {"bob@example.org"});
    facts_.body.report.failed_recipients = {"bob@example.org"};
    facts_.body.report.quotes_original = true;
    is(Evidence::kRecipient, 1, verify());
    facts_.body.report.quotes_headers_fully = true;
    is(Evidence::kNone, 1, verify());
  }

  void own_address_proves_nothing() {
    sent("", {kAlice});
    facts_.body.report.failed_recipients = {kAlice};
    is(Evidence::kNone, 0, verify());
  }

  void nothing_to_look_up() {
    const auto judgement = verify();
    is(Evidence::kNone, 0, judgement);
    CPPUNIT_ASSERT(!judgement.unavailable);
    same("report with nothing that could be verified", judgement.reason);
  }

  void one_call_at_most() {
    for (int i = 0; i < 50; ++i) {
      facts_.body.report.message_ids.push_back("<" + std::to_string(i) + "@example.com>");
      facts_.body.report.failed_recipients.push_back(std::to_string(i) + "@example.org");
    }
    is(Evidence::kNone, 1,
       verify({"a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"}));
    CPPUNIT_ASSERT_EQUAL(size_t{4 * 22}, store_.asked);
  }

  void other_kinds_not_judged() {
    facts_.body.report.message_ids = {"<m1@example.com>"};
    for (const BounceKind kind : {BounceKind::kNone, BounceKind::kMdn, BounceKind::kAutoreply, BounceKind::kChallenge,
                                  BounceKind::kFeedback, BounceKind::kOther}) {
      is(Evidence::kNone, 0, verify({kAlice}, kind));
    }
  }

  void domain_states() {
    facts_.body.report.message_ids = {"<m1@example.com>"};
    tables_.domains["example.net"].wanted = BounceState::kOff;
    same("enforce", to_string(verify().state));
    same("monitor", to_string(verify({"x@example.org"}).state));
    CPPUNIT_ASSERT_EQUAL(2, store_.calls);
    same("off", to_string(verify({"x@example.net"}).state));
    CPPUNIT_ASSERT_EQUAL(2, store_.calls);
    same("enforce", to_string(verify({"x@example.net", "y@Example.COM"}).state));
  }

  void store_away() {
    store_.away = true;
    facts_.body.report.message_ids = {"<m1@example.com>"};
    facts_.body.report.quotes_original = true;
    auto judgement = verify();
    CPPUNIT_ASSERT(judgement.unavailable);
    same("monitor", to_string(judgement.state));
    facts_.body.report.quotes_headers_fully = true;  // our stamp would have to be in it
    judgement = verify();
    same("enforce", to_string(judgement.state));
    is(Evidence::kNone, 2, judgement);
    facts_.body.report.stamps = {stamp()};
    is(Evidence::kStamp, 2, verify());
  }

  void unread_report() {
    facts_.body.inspected = false;
    const auto judgement = verify();
    CPPUNIT_ASSERT(judgement.unavailable);
    same("monitor", to_string(judgement.state));
    CPPUNIT_ASSERT_EQUAL(0, store_.calls);
  }

  void after_key_rotation() {
    sent("<m1@example.com>", {});
    tables_.keys["k1"].active = false;
    tables_.keys["k2"] = {std::string(32, 'z'), kNow - 86400, true};
    facts_.body.report.message_ids = {"<m1@example.com>"};
    is(Evidence::kMessageId, 1, verify());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BounceTest);
