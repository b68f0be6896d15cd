// SPDX-License-Identifier: GPL-2.0-or-later
// What only the shared store promises: it follows Redis, survives its absence, and never writes tables back.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <set>
#include <thread>

#include "base/strings.h"
#include "redis_server.h"
#include "store/admin.h"
#include "store/last_good.h"
#include "store/redis_writer.h"
#include "store/store.h"

namespace postern::test {
namespace {

Deadline soon() { return Deadline::after(Millis(10'000)); }
TrackHash fact(const char* six) {
  TrackHash out{};
  std::copy_n(six, out.size(), out.begin());
  return out;
}

class RedisTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RedisTest);
  CPPUNIT_TEST(nodes_agree_on_the_first_key);
  CPPUNIT_TEST(a_transaction_is_never_seen_half);
  CPPUNIT_TEST(restart_is_survived);
  CPPUNIT_TEST(a_hung_server_costs_no_time);
  CPPUNIT_TEST(either_connection_lost_is_noticed);
  CPPUNIT_TEST(flushall_is_followed);
  CPPUNIT_TEST(going_back_is_followed);
  CPPUNIT_TEST(a_start_without_redis_uses_the_copy);
  CPPUNIT_TEST(wrong_types_harm_only_themselves);
  CPPUNIT_TEST(a_password_is_asked_for);
  CPPUNIT_TEST(the_least_rights_suffice);
  CPPUNIT_TEST(records_expire);
  CPPUNIT_TEST(cached_policies_need_no_round_trip);
  CPPUNIT_TEST(evidence_brings_the_policies_along);
  CPPUNIT_TEST(records_past_the_bound_are_counted);
  CPPUNIT_TEST(nothing_is_written_back);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    if (RedisServer::installed()) server_ = std::make_unique<RedisServer>();
  }
  void tearDown() override {
    store_.reset();
    server_.reset();
  }

  void nodes_agree_on_the_first_key() {
    if (!server_) return;
    std::vector<std::unique_ptr<Store>> nodes(4);
    std::vector<std::thread> threads;
    for (auto& node : nodes) threads.emplace_back([&node, this] { node = open("n"); });
    for (auto& thread : threads) thread.join();
    for (auto& node : nodes) {
      CPPUNIT_ASSERT(eventually([&] { return node->tables()->keys.size() == 1; }));
      CPPUNIT_ASSERT(node->tables()->keys.begin()->second.secret == nodes[0]->tables()->keys.begin()->second.secret);
    }
  }

  void a_transaction_is_never_seen_half() {
    if (!server_) return;
    store_ = open("one");
    std::atomic<bool> done{false};
    std::thread writer([&] {
      for (int i = 0; !done || i % 2 != 0; ++i) {
        const std::string which = i % 2 == 0 ? "enforce" : "monitor";
        const std::string text = "redis.call('HSET','postern:domains','a.example.com','" + which +
                                 "') redis.call('HSET','postern:domains','b.example.com','" + which + "') return 1";
        server_->run({"EVAL", text, "0"});
      }
    });
    std::set<const Tables*> seen;
    std::vector<TablesPtr> kept;  // so that no address is used twice
    int torn = 0;
    const bool all = eventually([&] {
      const auto tables = store_->tables();
      if (tables->domains.size() < 2 || !seen.insert(tables.get()).second) return seen.size() >= 30;
      kept.push_back(tables);
      torn += tables->domains.at("a.example.com").wanted != tables->domains.at("b.example.com").wanted;
      return seen.size() >= 30;
    });
    done = true;
    writer.join();
    CPPUNIT_ASSERT(all);
    CPPUNIT_ASSERT_EQUAL(0, torn);
    CPPUNIT_ASSERT(
        eventually([this] { return store_->tables()->domains.at("b.example.com").wanted == BounceState::kMonitor; }));
  }

  void restart_is_survived() {
    if (!server_) return;
    store_ = open("one");
    server_->run("HSET postern:policy:a@example.com spam delete");
    server_->run("HSET postern:domains example.com enforce");
    // Once the later edit is applied, the earlier one's invalidation cannot take the policy away again.
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.size() == 1; }));
    CPPUNIT_ASSERT_EQUAL(std::string("a@example.com"), policy_key());
    server_->stop();
    CPPUNIT_ASSERT(eventually([this] { return !store_->health().connected; }));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->tables()->domains.size());  // the last good tables
    CPPUNIT_ASSERT_EQUAL(std::string("a@example.com"), policy_key());   // and the policy that was known
    // Of a recipient never asked for, only the row of everybody is known: that there is none.
    const auto unknown = store_->policies(std::vector<std::string>{"new@example.net"}, soon());
    CPPUNIT_ASSERT(unknown.ok() && unknown->front().last_known);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, unknown->front().sure);
    const Day today = day_of(unix_now());
    store_->track({today, 9, {fact("zxcvbn")}, ""});
    CPPUNIT_ASSERT(!store_->flush(Deadline::after(Millis(50))));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, store_->health().queued_records);
    server_->start();  // empty now
    CPPUNIT_ASSERT(eventually([this] { return store_->health().connected; }));
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.empty(); }));
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT(
        store_->find(std::vector<TrackQuery>{{fact("zxcvbn"), today, today}}, {}, soon())->front().has_value());
    CPPUNIT_ASSERT_EQUAL(std::string("default"), policy_key());
    CPPUNIT_ASSERT(store_->policies(std::vector<std::string>{"new@example.net"}, soon()).ok());
  }

  void a_hung_server_costs_no_time() {
    if (!server_) return;
    auto options = options_of("one");
    options.connect_timeout = options.command_timeout = Millis(300);
    store_ = std::move(open_store(options).value());
    CPPUNIT_ASSERT(eventually([this] { return store_->health().connected; }));
    server_->pause(true);
    CPPUNIT_ASSERT(eventually([this] { return !store_->health().connected; }));
    const int64_t start = steady_micros();
    for (int i = 0; i < 20; ++i) {
      CPPUNIT_ASSERT(!store_->policies(std::vector<std::string>{"new@example.net"}, soon()).ok());
      store_->track({1, 1, {fact("aaaaaa")}, ""});
      store_->tables();
    }
    CPPUNIT_ASSERT(steady_micros() - start < 5'000'000);  // 20 calls that each waited would take 6 s
    const int64_t closing = steady_micros();
    store_.reset();
    CPPUNIT_ASSERT(steady_micros() - closing < 10'000'000);
    server_->pause(false);
  }

  void either_connection_lost_is_noticed() {
    if (!server_) return;
    store_ = open("one");
    CPPUNIT_ASSERT(eventually([this] { return store_->health().connected; }));
    for (const char* kind : {"normal", "pubsub"}) {
      server_->run(std::string("CLIENT KILL TYPE ") + kind + " SKIPME yes");
      server_->run(std::string("HSET postern:domains ") + kind + ".example.com enforce");
      CPPUNIT_ASSERT(
          eventually([&] { return store_->tables()->domains.contains(std::string(kind) + ".example.com"); }));
      server_->run(std::string("HSET postern:policy:a@example.com spam ") + (kind[0] == 'n' ? "delete" : "reject"));
      CPPUNIT_ASSERT(eventually([&] { return action() == (kind[0] == 'n' ? Action::kDelete : Action::kReject); }));
    }
  }

  void flushall_is_followed() {
    if (!server_) return;
    store_ = open("one");
    server_->run("HSET postern:domains example.com enforce");
    server_->run("HSET postern:policy:a@example.com spam delete");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.size() == 1; }));
    CPPUNIT_ASSERT(eventually([this] { return action() == Action::kDelete; }));
    server_->run("FLUSHALL");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.empty(); }));
    CPPUNIT_ASSERT(eventually([this] { return action() == Action::kTag; }));
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->keys.size() == 1; }));  // a new first key
  }

  void going_back_is_followed() {
    if (!server_) return;
    store_ = open("one");
    server_->run("SET postern:generation 50");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->generation == 50; }));
    server_->run("SET postern:generation 48");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->generation == 48; }));
    CPPUNIT_ASSERT(eventually([this] {
      const auto nodes = store_->nodes(soon());
      if (!nodes.ok() || nodes->empty()) return false;
      const auto& more = nodes->front().more;
      return std::find(more.begin(), more.end(), std::pair<std::string, std::string>("went-back", "1")) != more.end();
    }));
  }

  void a_start_without_redis_uses_the_copy() {
    if (!server_) return;
    store_ = open("one");
    server_->run("HSET postern:domains example.com enforce");
    server_->run("HSET postern:domains bad.example.com nonsense");  // named, and part of the digest all the same
    server_->run("SET postern:generation 7");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->generation == 7; }));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->tables()->bad_rows.size());
    const TablesPtr before = store_->tables();
    store_.reset();
    server_->stop();
    store_ = open("one");
    CPPUNIT_ASSERT(!store_->health().connected);
    CPPUNIT_ASSERT_EQUAL(uint64_t{7}, store_->tables()->generation);
    CPPUNIT_ASSERT_EQUAL(before->digest, store_->tables()->digest);
    server_->start();
    CPPUNIT_ASSERT(eventually([this] { return store_->health().connected; }));
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.empty(); }));  // Redis' word, not the copy's
    CPPUNIT_ASSERT_EQUAL(std::string("0"), server_->run("EXISTS postern:domains"));
    directory_.write("damaged", "postern tables, version 1\ngeneration 9\nend 0000000000000000\n");
    CPPUNIT_ASSERT(!read_last_good(directory_.path("damaged")).ok());
  }

  void wrong_types_harm_only_themselves() {
    if (!server_) return;
    store_ = open("one");
    server_->run("HSET postern:domains example.com enforce");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.size() == 1; }));
    server_->run("DEL postern:domains");
    server_->run("SET postern:networks text");
    server_->run("EVAL redis.call('SET','postern:domains','x') 0");
    server_->run({"EVAL", "redis.call('SET','postern:domains','x') redis.call('HSET','postern:keys','k9','x')", "0"});
    CPPUNIT_ASSERT(eventually([this] {
      const auto tables = store_->tables();
      return std::any_of(tables->bad_rows.begin(), tables->bad_rows.end(),
                         [](const BadRow& row) {
                           return row.table == "domains" && row.reason.find("WRONGTYPE") != std::string::npos;
                         }) &&
             std::any_of(tables->bad_rows.begin(), tables->bad_rows.end(),
                         [](const BadRow& row) { return row.table == "keys" && row.key == "k9"; });
    }));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->tables()->keys.size());
    server_->run("SET postern:policy:a@example.com text");
    CPPUNIT_ASSERT(eventually([this] { return action() == Action::kTag; }));
  }

  void a_password_is_asked_for() {
    if (!server_) return;
    server_->run("CONFIG SET requirepass secret");
    auto options = options_of("one");
    options.redis = "redis://:secret@127.0.0.1:" + std::to_string(server_->port()) + "/3";
    store_ = std::move(open_store(options).value());
    CPPUNIT_ASSERT(store_->health().connected);
    options.redis = "redis://:wrong@127.0.0.1:" + std::to_string(server_->port());
    options.state_directory.clear();
    const auto other = open_store(options);
    CPPUNIT_ASSERT(!other.value()->health().connected);
    CPPUNIT_ASSERT(other.value()->health().last_error.find("password") != std::string::npos);
    CPPUNIT_ASSERT(other.value()->health().last_error.find("wrong@") == std::string::npos);
  }

  // The ACL in contrib/: a daemon can do all that it does, and cannot change a table.
  void the_least_rights_suffice() {
    if (!server_) return;
    const char* top = std::getenv("top_srcdir");
    const auto file = read_file(std::string(top == nullptr ? "." : top) + "/contrib/redis/users.acl");
    CPPUNIT_ASSERT_MESSAGE(file.ok() ? "" : file.error().text, file.ok());
    for (const std::string_view line : split(*file, '\n')) {
      RedisCommand command{"ACL", "SETUSER"};
      const auto word = words(line);
      if (word.size() < 3 || word[1] == "default") continue;
      // ACL SETUSER takes a selector in brackets as one argument.
      std::string selector;
      for (const std::string_view each : std::span(word).subspan(1)) {
        selector += (selector.empty() ? "" : " ") + std::string(each);
        if (selector.starts_with('(') && !selector.ends_with(')')) continue;
        command.push_back(std::exchange(selector, ""));
      }
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), server_->run(command));
    }
    auto options = options_of("one");
    options.redis = "redis://postern:change-me@127.0.0.1:" + std::to_string(server_->port());
    store_ = std::move(open_store(options).value());
    CPPUNIT_ASSERT_MESSAGE(store_->health().last_error, store_->health().connected);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->tables()->keys.size());
    const Day today = day_of(unix_now());
    server_->run("HSET postern:domains example.net enforce");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.contains("example.net"); }));
    store_->track({today, 9, {fact("zxcvbn")}, "example.com"});
    store_->track({today, 9, {fact("zxcvbn")}, "example.net"});
    store_->count_refusal(*parse_ip("192.0.2.1"), unix_now());
    store_->count_bounce("example.com", "verified");
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT_EQUAL(iso_time(today * 86400LL + 540), server_->run("HGET postern:bounces:@since example.net"));
    CPPUNIT_ASSERT(
        store_->find(std::vector<TrackQuery>{{fact("zxcvbn"), today, today}}, {}, soon())->front().has_value());
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.contains("example.com"); }));
    const std::vector<ImageSighting> image{
        {std::string(64, 'a'), {}, *parse_ip("192.0.2.1"), "", 1, ImageSighting::Purpose::kCount}};
    CPPUNIT_ASSERT(store_->count_images(image, unix_now(), soon()).ok());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->refused(9, soon())->size());
    CPPUNIT_ASSERT(eventually([this] { return store_->nodes(soon()).ok() && store_->nodes(soon())->size() == 1; }));
    CPPUNIT_ASSERT(action() == Action::kTag);
    CPPUNIT_ASSERT_EQUAL(std::string(), store_->health().last_error);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, store_->health().dropped_records);
    CPPUNIT_ASSERT(!may_write(options, "networks"));
    options.redis = "redis://postern-admin:change-me-too@127.0.0.1:" + std::to_string(server_->port());
    CPPUNIT_ASSERT(may_write(options, "networks"));
    CPPUNIT_ASSERT(open_admin(options).value()->rotate_key("me", unix_now()).ok());
    CPPUNIT_ASSERT(open_admin(options).value()->changes(5).ok());
    CPPUNIT_ASSERT_EQUAL(std::string("master"), open_admin(options).value()->server()->role);
  }

  void records_expire() {
    if (!server_) return;
    store_ = open("one");
    const Day today = day_of(unix_now());
    store_->track({today, 9, {fact("zxcvbn")}, ""});
    store_->count_refusal(*parse_ip("192.0.2.1"), unix_now());
    store_->count_bounce("example.com", "verified");
    const std::vector<ImageSighting> image{
        {std::string(64, 'a'), {}, *parse_ip("192.0.2.1"), "", 1, ImageSighting::Purpose::kCount}};
    CPPUNIT_ASSERT(store_->count_images(image, unix_now(), soon()).ok());
    CPPUNIT_ASSERT(store_->flush(soon()));
    const auto keys = server_->run("KEYS postern:*");
    size_t checked = 0;
    for (size_t start = 0; start < keys.size();) {
      const size_t end = std::min(keys.find('\n', start), keys.size());
      const std::string key = keys.substr(start, end - start);
      start = end + 1;
      if (key == "postern:keys") continue;
      const int64_t ttl = std::stoll(server_->run("TTL " + key));
      CPPUNIT_ASSERT_MESSAGE(key, ttl > 0 && ttl <= 100 * 86400);
      ++checked;
    }
    CPPUNIT_ASSERT(checked >= 5);
    CPPUNIT_ASSERT_EQUAL(std::string("1"), server_->run("HGET postern:bounces:example.com verified"));
    CPPUNIT_ASSERT_EQUAL(std::string("listpack"),
                         server_->run("OBJECT ENCODING " + track_key(today, fact("zxcvbn"))));
  }

  void cached_policies_need_no_round_trip() {
    if (!server_) return;
    store_ = open("one");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->keys.size() == 1; }));
    policy_key();
    // The tables may be read once more meanwhile, for the notice of the first key.
    CPPUNIT_ASSERT(eventually([this] {
      const std::string before = calls_of("hgetall");
      for (int i = 0; i < 100; ++i) policy_key();
      return calls_of("hgetall") == before;
    }));
  }

  void evidence_brings_the_policies_along() {
    if (!server_) return;
    server_->run("HSET postern:policy:fresh@example.com spam delete");
    store_ = open("one");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->keys.size() == 1 && !store_->stale_seconds(); }));
    const Day today = day_of(unix_now());
    const std::vector<TrackQuery> query{{fact("nobody"), today, today}};
    const std::vector<std::string> recipients{"fresh@example.com"};
    // The tables may be read once more meanwhile, for the notice of the first key; the row is new each time.
    CPPUNIT_ASSERT(eventually([&] {
      server_->run("HSET postern:policy:fresh@example.com spam quarantine");
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      const bool asked = store_->find(query, recipients, soon()).ok();
      const std::string before = calls_of("hgetall");
      const auto chains = store_->policies(recipients, soon());
      return asked && chains.ok() && decide_policy(chains->front(), Verdict::kSpam).action == Action::kQuarantine &&
             calls_of("hgetall") == before;
    }));
  }

  void records_past_the_bound_are_counted() {
    if (!server_) return;
    store_ = open("one");
    CPPUNIT_ASSERT(eventually([this] { return !store_->stale_seconds(); }));
    server_->stop();
    constexpr uint64_t kSent = 102'000;  // the queue holds 100,000, and a batch of 500 is on its way
    const Day today = day_of(unix_now());
    for (uint64_t i = 0; i < kSent; ++i) store_->track({today, 1, {fact("aaaaaa")}, ""});
    const StoreHealth health = store_->health();
    CPPUNIT_ASSERT_EQUAL(kSent, health.queued_records + health.dropped_records);
    CPPUNIT_ASSERT(health.dropped_records >= 1'500 && health.dropped_records <= 2'000);
    server_->start();
    CPPUNIT_ASSERT(store_->flush(Deadline::after(Millis(300'000))));
    CPPUNIT_ASSERT_EQUAL(health.dropped_records, store_->health().dropped_records);
  }

  void nothing_is_written_back() {
    if (!server_) return;
    store_ = open("one");
    server_->run("HSET postern:domains example.com enforce");
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->domains.size() == 1; }));
    server_->run("FLUSHALL");
    CPPUNIT_ASSERT(
        eventually([this] { return store_->tables()->keys.size() == 1 && store_->tables()->domains.empty(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(700));  // a ping and a node's row later
    CPPUNIT_ASSERT_EQUAL(std::string("0"), server_->run("EXISTS postern:domains"));
    CPPUNIT_ASSERT_EQUAL(std::string("0"), server_->run("EXISTS postern:generation"));
  }

 private:
  static bool may_write(const StoreOptions& options, const std::string& table) {
    const auto admin = open_admin(options);
    CPPUNIT_ASSERT(admin.ok());
    return admin.value()->apply(*parse_table_name(table), {{"192.0.2.0/24", std::nullopt, "allow"}}, "me").ok();
  }
  StoreOptions options_of(const std::string& node) {
    StoreOptions options;
    options.redis = server_->socket_url();
    options.state_directory = directory_.path();
    options.node = node;
    options.connect_timeout = options.command_timeout = Millis(5000);  // tests run on busy machines
    return options;
  }
  std::unique_ptr<Store> open(const std::string& node) { return std::move(open_store(options_of(node)).value()); }
  PolicyDecision decide() {
    const auto chains = store_->policies(std::vector<std::string>{"a@example.com"}, soon());
    return chains.ok() ? decide_policy(chains->front(), Verdict::kSpam) : PolicyDecision{Action::kReject, "error"};
  }
  std::string policy_key() { return decide().key; }
  Action action() { return decide().action; }
  std::string calls_of(const std::string& command) {
    const std::string stats = server_->run("INFO commandstats");
    const size_t at = stats.find("cmdstat_" + command + ":");
    return at == std::string::npos ? "none" : stats.substr(at, stats.find(',', at) - at);
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<Store> store_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisTest);

}  // namespace
}  // namespace postern::test
