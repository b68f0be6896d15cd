// SPDX-License-Identifier: GPL-2.0-or-later
// What every store promises, tried on both kinds.
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/log.h"
#include "kinds.h"
#include "store/admin.h"
#include "store/looking_store.h"
#include "store/store.h"

namespace postern::test {
namespace {

template <class Kind>
class Contract : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(Contract);
  CPPUNIT_TEST(starts_with_defaults_and_a_key);
  CPPUNIT_TEST(sees_edits_of_tables);
  CPPUNIT_TEST(keeps_the_last_good_row);
  CPPUNIT_TEST(digest_tells_states_apart);
  CPPUNIT_TEST(looks_policies_up);
  CPPUNIT_TEST(sees_edits_of_policies);
  CPPUNIT_TEST(finds_what_it_tracked);
  CPPUNIT_TEST(tracked_facts_outlive_the_process);
  CPPUNIT_TEST(first_stamp_dates_a_domain);
  CPPUNIT_TEST(counts_pictures);
  CPPUNIT_TEST(finds_moved_pictures);
  CPPUNIT_TEST(lists_of_pictures_count);
  CPPUNIT_TEST(own_pictures_are_allowed);
  CPPUNIT_TEST(pictures_of_many_senders_are_allowed);
  CPPUNIT_TEST(counts_refusals);
  CPPUNIT_TEST(counts_bounces);
  CPPUNIT_TEST(looking_changes_nothing);
  CPPUNIT_TEST(shows_itself);
  CPPUNIT_TEST(reload_reads_at_once);
  CPPUNIT_TEST(many_threads);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    if (!Kind::available()) return;
    kind_ = std::make_unique<Kind>();
    open();
  }
  void tearDown() override {
    store_.reset();
    kind_.reset();
  }

  void starts_with_defaults_and_a_key() {
    if (!store_) return;
    CPPUNIT_ASSERT(store_->tables() != nullptr);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->tables()->keys.size());  // at once: `postern stamp` wants to sign
    const auto key = signing_key(store_->tables()->keys);
    CPPUNIT_ASSERT_EQUAL(std::string("k1"), key->first);
    CPPUNIT_ASSERT_EQUAL(size_t{32}, key->second.secret.size());
    CPPUNIT_ASSERT(std::abs(key->second.created - unix_now()) < 60);
    CPPUNIT_ASSERT(!store_->tables()->rules.rows().empty());
    const std::string secret = key->second.secret;
    open();  // the same key next time
    CPPUNIT_ASSERT(secret == signing_key(store_->tables()->keys)->second.secret);
  }

  void sees_edits_of_tables() {
    if (!store_) return;
    kind_->put("networks", "192.0.2.0/24 allow note=a provider\n198.51.100.0/24 deny\n");
    kind_->put("domains", "example.com enforce\n");
    kind_->put("rules", "MY_RULE 2.5 subject =~ /lottery/i\n");
    CPPUNIT_ASSERT(eventually([this] {
      const auto tables = store_->tables();
      return tables->networks.size() == 2 && tables->domains.size() == 1 && has_rule(*tables, "MY_RULE");
    }));
    const auto tables = store_->tables();
    CPPUNIT_ASSERT(!tables->networks.judge(*parse_ip("198.51.100.7"), 0).pass);
    CPPUNIT_ASSERT(tables->networks.judge(*parse_ip("192.0.2.7"), 0).pass);
    CPPUNIT_ASSERT(tables->bad_rows.empty());
    kind_->put("networks", "192.0.2.0/24 deny\n");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->networks.size() == 1; }));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, tables->networks.size());  // the old state is untouched
  }

  void keeps_the_last_good_row() {
    if (!store_) return;
    kind_->put("networks", "192.0.2.0/24 allow\n");
    kind_->put("rules", "MY_RULE 2.5 subject =~ /lottery/i\n");
    CPPUNIT_ASSERT(eventually(
        [this] { return store_->tables()->networks.size() == 1 && has_rule(*store_->tables(), "MY_RULE"); }));
    kind_->put("networks", "192.0.2.0/24 perhaps\n198.51.100.0/24 allow\n");
    kind_->put("rules", "MY_RULE 2.5 subject =~ /lottery\nOTHER 1 subject =~ /x/\n");
    CPPUNIT_ASSERT(eventually(
        [this] { return store_->tables()->networks.size() == 2 && has_rule(*store_->tables(), "OTHER"); }));
    const auto tables = store_->tables();
    CPPUNIT_ASSERT(!tables->bad_rows.empty());
    CPPUNIT_ASSERT(tables->networks.judge(*parse_ip("192.0.2.7"), 0).pass);
    bool named = false;
    for (const BadRow& row : tables->bad_rows)
      named = named || (row.table == "networks" && row.key == "192.0.2.0/24");
    CPPUNIT_ASSERT(named);
    kind_->put("networks", "198.51.100.0/24 allow\n");  // a row that goes is gone, last good or not
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->networks.size() == 1; }));
  }

  void digest_tells_states_apart() {
    if (!store_) return;
    CPPUNIT_ASSERT(eventually([this] { return !store_->tables()->keys.empty(); }));
    const std::string first = store_->tables()->digest;
    CPPUNIT_ASSERT_EQUAL(size_t{16}, first.size());
    kind_->put("domains", "example.com enforce\n");
    CPPUNIT_ASSERT(eventually([&] { return store_->tables()->digest != first; }));
    const std::string second = store_->tables()->digest;
    kind_->put("domains", "example.com monitor\n");
    CPPUNIT_ASSERT(eventually([&] { return store_->tables()->digest != second; }));
    CPPUNIT_ASSERT(store_->tables()->digest != first);
  }

  void looks_policies_up() {
    if (!store_) return;
    kind_->put("policy", "a@example.com spam=quarantine\n@example.com spam=tag surespam=delete\n* spam=reject\n");
    CPPUNIT_ASSERT(eventually([this] { return decide("a@example.com") == "quarantine a@example.com"; }));
    CPPUNIT_ASSERT_EQUAL(std::string("quarantine a@example.com"), decide("A+detail@Example.COM"));
    CPPUNIT_ASSERT_EQUAL(std::string("tag @example.com"), decide("b@example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("reject *"), decide("c@example.net"));
    CPPUNIT_ASSERT_EQUAL(std::string("delete @example.com"), decide("a@example.com", Verdict::kSureSpam));
    const std::vector<std::string> both{"c@example.net", "a@example.com"};
    const auto chains = store_->policies(both, soon());
    CPPUNIT_ASSERT(chains.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, chains->size());
    CPPUNIT_ASSERT_EQUAL(std::string("*"), (*chains)[0].rows.at(0).first);
    CPPUNIT_ASSERT_EQUAL(std::string("a@example.com"), (*chains)[1].rows.at(0).first);
    CPPUNIT_ASSERT(store_->policies({}, soon())->empty());
  }

  void sees_edits_of_policies() {
    if (!store_) return;
    CPPUNIT_ASSERT_EQUAL(std::string("tag default"), decide("a@example.com"));
    for (const char* action : {"quarantine", "delete", "deliver", "tag", "reject"}) {
      kind_->put("policy", std::string("a@example.com spam=") + action + "\n");
      CPPUNIT_ASSERT(eventually([&] { return decide("a@example.com") == std::string(action) + " a@example.com"; }));
    }
    kind_->put("policy", "a@example.com spam=nonsense\n");
    CPPUNIT_ASSERT(!eventually([&] { return decide("a@example.com") != "reject a@example.com"; }, 1300));
  }

  void finds_what_it_tracked() {
    if (!store_) return;
    const Day today = day_of(unix_now());
    store_->track({today, 100, {fact("abcdef"), fact("ab\0\1\2\3")}, "example.com"});
    store_->track({today - 3, 1439, {fact("ghijkl")}, ""});
    CPPUNIT_ASSERT(store_->flush(soon()));
    const std::vector<TrackQuery> queries{{fact("abcdef"), today - 5, today},
                                          {fact("ghijkl"), today - 5, today},
                                          {fact("ghijkl"), today - 2, today},
                                          {fact("ab\0\1\2\3"), today, today},
                                          {fact("zzzzzz"), today - 5, today}};
    const auto found = store_->find(queries, {}, soon());
    CPPUNIT_ASSERT(found.ok());
    CPPUNIT_ASSERT_EQUAL(queries.size(), found->size());
    CPPUNIT_ASSERT_EQUAL(UnixTime{today * 86400LL + 6000}, (*found)[0].value());
    CPPUNIT_ASSERT_EQUAL(UnixTime{(today - 3) * 86400LL + 1439 * 60}, (*found)[1].value());
    CPPUNIT_ASSERT(!(*found)[2]);
    CPPUNIT_ASSERT_EQUAL(UnixTime{today * 86400LL + 6000}, (*found)[3].value());
    CPPUNIT_ASSERT(!(*found)[4]);
    CPPUNIT_ASSERT(store_->find({}, {}, soon())->empty());
  }

  void tracked_facts_outlive_the_process() {
    if (!store_) return;
    const Day today = day_of(unix_now());
    const auto other = open_store(kind_->options());  // as `postern stamp` beside the daemon
    CPPUNIT_ASSERT(other.ok());
    const std::vector<TrackQuery> query{{fact("qwerty"), today, today}};
    CPPUNIT_ASSERT(!store_->find(query, {}, soon())->front());
    other.value()->track({today, 5, {fact("qwerty")}, ""});
    CPPUNIT_ASSERT(other.value()->flush(soon()));
    CPPUNIT_ASSERT(store_->find(query, {}, soon())->front().has_value());
    store_->track({today, 6, {fact("uiopas")}, ""});
    open();
    const std::vector<TrackQuery> queries{{fact("qwerty"), today, today}, {fact("uiopas"), today, today}};
    const auto found = store_->find(queries, {}, soon());
    CPPUNIT_ASSERT((*found)[0] && (*found)[1]);
  }

  void first_stamp_dates_a_domain() {
    if (!store_) return;
    kind_->put("domains", "example.org enforce\n");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.contains("example.org"); }));
    const Day today = day_of(unix_now());
    store_->track({today, 1, {fact("aaaaaa")}, "example.com"});
    store_->track({today, 2, {fact("bbbbbb")}, "example.com"});
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.contains("example.com"); }));
    const auto row = store_->tables()->domains.find("example.com")->second;
    CPPUNIT_ASSERT_EQUAL(UnixTime{today * 86400LL + 60}, row.since.value());
    open();
    store_->track({today + 1, 3, {fact("cccccc")}, "example.com"});
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT(store_->reload().ok());
    CPPUNIT_ASSERT_EQUAL(UnixTime{today * 86400LL + 60},
                         store_->tables()->domains.find("example.com")->second.since.value());
    CPPUNIT_ASSERT(store_->tables()->domains.find("example.org")->second.wanted == BounceState::kEnforce);
  }

  using Purpose = ImageSighting::Purpose;
  ImageCount see(const std::string& fingerprint, const char* client, UnixTime now, Purpose purpose = Purpose::kCount,
                 const std::vector<std::string>& moved = {}, const std::string& sender = "a@example.com") {
    const std::vector<ImageSighting> one{{fingerprint, moved, *parse_ip(client), sender, 2, purpose}};
    const auto counts = store_->count_images(one, now, soon());
    CPPUNIT_ASSERT(counts.ok());
    return counts->front();
  }

  void counts_pictures() {
    if (!store_) return;
    const std::string picture = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const std::string near = "0123456789abcdef0123456789abcdef0123456789abcdef0f23456789a0cde8";
    const std::string far = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    const UnixTime now = unix_now();
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, see(picture, "192.0.2.1", now).messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, see(far, "192.0.2.1", now).messages);
    const ImageCount second = see(near, "192.0.2.2", now + 1);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, second.messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, second.clients);
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, second.recipients);
    CPPUNIT_ASSERT(!second.allowed && !second.blocked);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, see(picture, "2001:db8::1", now + 80'000).messages - 1);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, see(near, "2001:db8::2", now + 90'000).messages);  // the first two are old
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, see("0123", "192.0.2.1", now).messages);  // another length is another picture
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, see("0123", "192.0.2.1", now).messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, see("no hex", "192.0.2.1", now).messages);
  }

  // A copy that was cropped has a fingerprint far from the first one's, but moved back it is near.
  void finds_moved_pictures() {
    if (!store_) return;
    const std::string first = "1111222233334444555566667777888899990000aaaabbbbccccddddeeeeffff";
    const std::string cropped = "ee11dd22cc33bb44aa55996688777788669900ffaa55bb44cc33dd22ee11ff00";
    const std::string near = "1111222333334444555566667777888999990000aaaabbbbccccddddeeeeff0f";
    const UnixTime now = unix_now();
    see(first, "192.0.2.1", now);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, see(cropped, "192.0.2.2", now).messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, see(cropped, "192.0.2.2", now).messages);
    const std::string other(64, 'a');
    const ImageCount found =
        see(other, "192.0.2.3", now, Purpose::kCount, {std::string("no hex"), std::string("0123"), near});
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, found.messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, found.clients);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, see(other, "192.0.2.3", now).messages);  // what was moved is not stored
  }

  void lists_of_pictures_count() {
    if (!store_) return;
    const std::string bad = "ffffffffffffffff0000000000000000ffffffffffffffff0000000000000000";
    const std::string good = "ffffffff00000000ffffffff00000000ffffffff00000000ffffffff00000000";
    if constexpr (std::is_same_v<Kind, RedisKind>) {
      kind_->server.run({"HSET", "postern:image:list", bad, "block a campaign", good, "allow our logo"});
    } else {
      kind_->put("pictures", bad + " block a campaign\n" + good + " allow our logo\n");
    }
    const UnixTime now = unix_now();
    CPPUNIT_ASSERT(eventually([&] { return see(bad, "192.0.2.1", now).blocked; }));
    std::string near = bad;
    near[0] = '0';
    CPPUNIT_ASSERT(see(near, "192.0.2.1", now).blocked);
    CPPUNIT_ASSERT(see(std::string(64, '3'), "192.0.2.1", now, Purpose::kCount, {near}).blocked);
    CPPUNIT_ASSERT(see(good, "192.0.2.1", now).allowed);
    CPPUNIT_ASSERT(!see(good, "192.0.2.1", now).blocked);
  }

  void own_pictures_are_allowed() {
    if (!store_) return;
    const std::string logo = "aaaaaaaa55555555aaaaaaaa55555555aaaaaaaa55555555aaaaaaaa55555555";
    const UnixTime now = unix_now();
    CPPUNIT_ASSERT(!see(logo, "192.0.2.1", now).allowed);
    see(logo, "192.0.2.1", now, Purpose::kSent);
    CPPUNIT_ASSERT(see(logo, "198.51.100.1", now + 86400).allowed);
    CPPUNIT_ASSERT(see(logo, "198.51.100.1", now + 5 * 86400).allowed);
    CPPUNIT_ASSERT(!see(logo, "198.51.100.1", now + 31 * 86400).allowed);
  }

  // Clean messages of eight senders on four days, no matter how many on one of them; counting alone never teaches.
  void pictures_of_many_senders_are_allowed() {
    if (!store_) return;
    const std::string logo = "5a5a5a5ac3c3c3c35a5a5a5ac3c3c3c35a5a5a5ac3c3c3c35a5a5a5ac3c3c3c3";
    const std::string near = "5a5a5a5bc3c3c3c35a5a5a5ac3c3c3c35a5a5a5ac3c3c3c35a5a5a5ac3c3c3c3";
    const std::string campaign = "0ff00ff03cc33cc30ff00ff03cc33cc30ff00ff03cc33cc30ff00ff03cc33cc3";
    const UnixTime first = unix_now();
    const auto day = [&](int number, int senders) {
      const UnixTime now = first + number * 80'000;
      bool allowed = false;
      for (int i = 0; i < senders; ++i) {
        const std::string sender = "user" + std::to_string(i) + "@example.com";
        allowed = see(i % 2 == 0 ? logo : near, "192.0.2.1", now).allowed;
        see(campaign, "192.0.2.1", now, Purpose::kCount, {}, sender);
        CPPUNIT_ASSERT_EQUAL(uint64_t{0}, see(logo, "192.0.2.1", now, Purpose::kHarmless, {}, sender).messages);
      }
      return allowed;
    };
    CPPUNIT_ASSERT(!day(0, 20));  // many senders, one day
    for (int number = 1; number < 6; ++number) CPPUNIT_ASSERT(!day(number % 2 == 0 ? 0 : 1, 1));
    day(2, 2);
    day(3, 2);
    day(4, 2);
    CPPUNIT_ASSERT(day(5, 2));
    const UnixTime now = first + 5 * 80'000;
    CPPUNIT_ASSERT(see(near, "198.51.100.1", now + 86'000).allowed);
    CPPUNIT_ASSERT(!see(campaign, "198.51.100.1", now).allowed);
    CPPUNIT_ASSERT(!see(logo, "198.51.100.1", now + 31 * 86400).allowed);
  }

  void counts_refusals() {
    if (!store_) return;
    const UnixTime now = unix_now();
    const UnixTime first = now - 2;
    for (UnixTime at = first; at <= now; ++at) store_->count_refusal(*parse_ip("192.0.2.9"), at);
    store_->count_refusal(*parse_ip("2001:db8::9"), now);
    store_->count_bounce("example.com", "forged");
    CPPUNIT_ASSERT(store_->flush(soon()));
    const auto refused = store_->refused(10, soon());
    CPPUNIT_ASSERT(refused.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, refused->size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.0/24"), to_string(refused->front().source));
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, refused->front().count);
    CPPUNIT_ASSERT_EQUAL(now, refused->front().last);
    CPPUNIT_ASSERT_EQUAL(first, refused->front().first);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->refused(1, soon())->size());
  }

  // The counts go on where the process before ended.
  void counts_bounces() {
    if (!store_) return;
    kind_->put("domains", "example.org enforce tag=on\n");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.contains("example.org"); }));
    const Day today = day_of(unix_now());
    for (int process = 0; process < 3; ++process) {
      store_->count_bounce("example.org", "verified");
      store_->count_bounce("example.org", "verified");
      store_->count_bounce("example.org", "held-back");
      store_->count_bounce("example.net", "forged");
      store_->track({today + process, 7, {fact("aaaaaa")}, "example.org"});
      CPPUNIT_ASSERT(store_->flush(soon()));
      open();
    }
    const auto admin = open_admin(kind_->options());
    CPPUNIT_ASSERT(admin.ok());
    const auto reports = admin.value()->domain_reports();
    CPPUNIT_ASSERT(reports.ok());
    const DomainReport org = reports->find("example.org")->second;
    CPPUNIT_ASSERT_EQUAL(uint64_t{6}, org.bounces.find("verified")->second);
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, org.bounces.find("held-back")->second);
    CPPUNIT_ASSERT(!org.bounces.contains("forged"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, reports->find("example.net")->second.bounces.find("forged")->second);
    const auto row = parse_domain_row(admin.value()->row(TableName::kDomains, "example.org").value().value());
    CPPUNIT_ASSERT(row->wanted == BounceState::kEnforce && row->tag);
    CPPUNIT_ASSERT_EQUAL(UnixTime{today * 86400LL + 420}, row->since ? *row->since : org.since.value());
  }

  void looking_changes_nothing() {
    if (!store_) return;
    const std::string picture = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    const UnixTime now = unix_now();
    const Day today = day_of(now);
    store_->track({today, 5, {fact("qwerty")}, ""});
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, see(picture, "192.0.2.1", now).messages);
    StoreOptions options = kind_->options();
    options.node.clear();
    const auto looking = only_looking(std::move(open_store(options).value()));
    looking->track({today, 5, {fact("uiopas")}, "example.com"});
    looking->count_bounce("example.com", "forged");
    looking->count_refusal(*parse_ip("203.0.113.9"), now);
    const std::vector<ImageSighting> one{{picture, {}, *parse_ip("192.0.2.2"), "a@example.com", 2, Purpose::kCount}};
    const ImageCount count = looking->count_images(one, now, soon())->front();
    if constexpr (std::is_same_v<Kind, RedisKind>) {  // another process knows nothing of an embedded store's pictures
      CPPUNIT_ASSERT(count.messages == 2 && count.clients == 2 && count.recipients == 4);
    }
    CPPUNIT_ASSERT(looking->flush(soon()));
    const std::vector<TrackQuery> queries{{fact("qwerty"), today, today}, {fact("uiopas"), today, today}};
    CPPUNIT_ASSERT((*looking->find(queries, {}, soon()))[0].has_value());
    CPPUNIT_ASSERT(!(*store_->find(queries, {}, soon()))[1]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, see(picture, "192.0.2.1", now).messages);
    CPPUNIT_ASSERT(store_->refused(10, soon())->empty());
    CPPUNIT_ASSERT(store_->reload().ok());
    CPPUNIT_ASSERT(!store_->tables()->domains.contains("example.com"));
    CPPUNIT_ASSERT(open_admin(kind_->options()).value()->domain_reports()->empty());
  }

  void shows_itself() {
    if (!store_) return;
    store_->describe("gate", "enforce");
    CPPUNIT_ASSERT(eventually([this] {
      const auto nodes = store_->nodes(soon());
      if (!nodes.ok() || nodes->size() != 1 || nodes->front().more.empty()) return false;
      const NodeInfo& node = nodes->front();
      return node.name == "one" && node.digest == store_->tables()->digest && node.version == "0.1.0" &&
             node.more.front() == std::pair<std::string, std::string>("gate", "enforce");
    }));
    CPPUNIT_ASSERT(store_->health().connected);
    CPPUNIT_ASSERT(!store_->health().description.empty());
  }

  void reload_reads_at_once() {
    if (!store_) return;
    kind_->put("domains", "example.net off\n");
    CPPUNIT_ASSERT(store_->reload().ok());
    CPPUNIT_ASSERT(store_->tables()->domains.contains("example.net"));
  }

  void many_threads() {
    if (!store_) return;
    const Day today = day_of(unix_now());
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 50; ++i) {
          const std::string name = std::to_string(t * 100 + i + 100'000);
          store_->track({today, 7, {fact(name.c_str())}, "example.com"});
          const std::vector<std::string> recipients{name + "@example.com", "b@example.com"};
          if (!store_->policies(recipients, soon()).ok()) ++failures;
          if (store_->tables() == nullptr) ++failures;
          const std::vector<TrackQuery> query{{fact(name.c_str()), today - 1, today}};
          if (!store_->find(query, {}, soon()).ok()) ++failures;
          if (i % 10 == 0) kind_->put("policy", "b@example.com spam=delete\n");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CPPUNIT_ASSERT_EQUAL(0, failures.load());
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, store_->health().dropped_records);
    const std::vector<TrackQuery> last{{fact("100749"), today, today}};
    CPPUNIT_ASSERT(store_->find(last, {}, soon())->front().has_value());
  }

 private:
  void open() {
    store_.reset();
    auto opened = open_store(kind_->options());
    CPPUNIT_ASSERT(opened.ok());
    store_ = std::move(opened.value());
  }
  std::string decide(const std::string& recipient, Verdict verdict = Verdict::kSpam) {
    const auto chains = store_->policies(std::vector<std::string>{recipient}, soon());
    if (!chains.ok()) return chains.error().text;
    const PolicyDecision decision = decide_policy(chains->front(), verdict);
    return std::string(to_string(decision.action)) + " " + decision.key;
  }
  static bool has_rule(const Tables& tables, std::string_view name) {
    for (const RuleSet::Row& row : tables.rules.rows()) {
      if (row.name == name) return true;
    }
    return false;
  }

  std::unique_ptr<Kind> kind_;
  std::unique_ptr<Store> store_;
};

class WithEmbedded : public Contract<EmbeddedKind> {
  CPPUNIT_TEST_SUB_SUITE(WithEmbedded, Contract<EmbeddedKind>);
  CPPUNIT_TEST_SUITE_END();
};
class WithRedis : public Contract<RedisKind> {
  CPPUNIT_TEST_SUB_SUITE(WithRedis, Contract<RedisKind>);
  CPPUNIT_TEST(says_if_it_was_skipped);
  CPPUNIT_TEST_SUITE_END();

 public:
  void says_if_it_was_skipped() {
    if (!RedisServer::installed()) std::fprintf(stderr, "\nSKIPPED: WithRedis: no redis-server is installed\n");
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(WithEmbedded);
CPPUNIT_TEST_SUITE_REGISTRATION(WithRedis);

}  // namespace
}  // namespace postern::test
