// SPDX-License-Identifier: GPL-2.0-or-later
// What a server refuses, by the name of the error: provoked on a real one, survived, and gone when its cause is.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>

#include "redis_server.h"
#include "store/admin.h"
#include "store/redis_pool.h"
#include "store/redis_writer.h"
#include "store/store.h"

namespace postern::test {
namespace {

Deadline soon() { return Deadline::after(Millis(10'000)); }

class RedisErrorsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RedisErrorsTest);
  CPPUNIT_TEST(readonly);
  CPPUNIT_TEST(masterdown);
  CPPUNIT_TEST(oom);
  CPPUNIT_TEST(noscript);
  CPPUNIT_TEST(wrongtype);
  CPPUNIT_TEST(noperm);
  CPPUNIT_TEST(a_failed_call_is_forgotten_when_the_server_answers);
  CPPUNIT_TEST(the_pool_knows_its_server);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    if (RedisServer::installed()) server_ = std::make_unique<RedisServer>();
  }
  void tearDown() override {
    store_.reset();
    server_.reset();
  }

  void readonly() {
    if (!server_) return;
    store_ = open();
    RedisServer other;
    server_->run("REPLICAOF 127.0.0.1 " + std::to_string(other.port()));
    track();
    CPPUNIT_ASSERT(eventually([this] { return store_->health().description.find("replica") != std::string::npos; }));
    CPPUNIT_ASSERT(eventually([this] { return says("HSET postern:track:", "READONLY", "is a replica"); }));
    CPPUNIT_ASSERT(store_->health().queued_records > 0);
    CPPUNIT_ASSERT(admin_says("READONLY", "is a replica"));
    server_->run("REPLICAOF NO ONE");
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, store_->health().dropped_records);
    CPPUNIT_ASSERT(server_->run("KEYS postern:track:*").starts_with("postern:track:"));
  }

  void masterdown() {
    if (!server_) return;
    server_->run("HSET postern:domains example.com enforce");
    server_->run("HSET postern:policy:a@example.com spam delete");
    store_ = open();
    CPPUNIT_ASSERT_EQUAL(Action::kDelete, action());
    server_->run("CONFIG SET replica-serve-stale-data no");
    server_->run("REPLICAOF 127.0.0.1 1");  // nobody listens there
    CPPUNIT_ASSERT(eventually([this] { return !store_->health().connected; }));
    CPPUNIT_ASSERT(eventually([this] { return says("", "MASTERDOWN", "has lost its master"); }));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_->tables()->domains.size());  // the last good ones
    CPPUNIT_ASSERT_EQUAL(Action::kDelete, action());
    CPPUNIT_ASSERT(store_->stale_seconds().has_value());
    CPPUNIT_ASSERT(admin_says("MASTERDOWN", "has lost its master"));
    server_->run("REPLICAOF NO ONE");
    CPPUNIT_ASSERT(eventually([this] { return store_->health().connected; }));
  }

  void oom() {
    if (!server_) return;
    server_->run("HSET postern:domains example.com enforce");
    store_ = open();
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->keys.size() == 1; }));
    server_->run("CONFIG SET maxmemory 1");
    track();
    CPPUNIT_ASSERT(eventually([this] { return says("HSET postern:track:", "OOM", "maxmemory: raise it"); }));
    CPPUNIT_ASSERT(store_->health().connected);
    CPPUNIT_ASSERT_EQUAL(Action::kTag, action());  // reads go on
    CPPUNIT_ASSERT(store_->reload().ok());
    const auto another = open();
    CPPUNIT_ASSERT_MESSAGE(another->health().last_error, another->health().connected);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, another->tables()->domains.size());
    CPPUNIT_ASSERT(admin_says("OOM", "maxmemory: raise it"));
    CPPUNIT_ASSERT_EQUAL(std::string("0"), server_->run("EXISTS postern:generation"));
    server_->run("CONFIG SET maxmemory 0");
    CPPUNIT_ASSERT(store_->flush(soon()));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, store_->health().dropped_records);
    CPPUNIT_ASSERT(server_->run("KEYS postern:track:*").starts_with("postern:track:"));
  }

  // Scripts are sent with their text, so that a server that forgot them has nothing to complain about.
  void noscript() {
    if (!server_) return;
    store_ = open();
    const std::vector<ImageSighting> image{
        {std::string(64, 'a'), {}, *parse_ip("192.0.2.1"), "", 1, ImageSighting::Purpose::kCount}};
    for (uint64_t times = 1; times <= 3; ++times) {
      const auto counts = store_->count_images(image, unix_now(), soon());
      CPPUNIT_ASSERT(counts.ok());
      CPPUNIT_ASSERT_EQUAL(times, counts->front().messages);
      CPPUNIT_ASSERT(apply().ok());
      CPPUNIT_ASSERT_EQUAL(std::string("OK"), server_->run("SCRIPT FLUSH"));
    }
    CPPUNIT_ASSERT_EQUAL(std::string(), store_->health().last_error);
  }

  // Each kind of key as another type: it is named, and nothing else suffers.
  void wrongtype() {
    if (!server_) return;
    store_ = open();
    CPPUNIT_ASSERT(eventually([this] { return store_->tables()->keys.size() == 1; }));
    server_->run("SET postern:policy:a@example.com text");
    server_->run("HSET postern:policy:* spam reject");
    CPPUNIT_ASSERT(eventually([this] { return action() == Action::kReject; }));
    const Day today = day_of(unix_now());
    server_->run("SET " + track_key(today, kFact) + " text");
    track();
    CPPUNIT_ASSERT(eventually([this] { return says("HSET postern:track:", "WRONGTYPE", "DEL it or restore it"); }));
    const auto found = store_->find(std::vector<TrackQuery>{{kFact, today, today}}, {}, soon());
    CPPUNIT_ASSERT(!found.ok() && found.error().text.find(track_key(today, kFact)) != std::string::npos);
    server_->run("SET postern:changes text");
    CPPUNIT_ASSERT(admin_says("WRONGTYPE", "postern:changes"));
    CPPUNIT_ASSERT_EQUAL(std::string("0"), server_->run("EXISTS postern:networks"));  // nothing was half done
  }

  void noperm() {
    if (!server_) return;
    server_->run("ACL SETUSER poor on >word ~postern:* &* +@all -hset -eval");
    store_ = open("redis://poor:word@127.0.0.1:" + std::to_string(server_->port()));
    CPPUNIT_ASSERT(store_->health().connected);
    track();
    CPPUNIT_ASSERT(eventually([this] { return says("HSET postern:track:", "NOPERM", "postern-redis(5)"); }));
    CPPUNIT_ASSERT(eventually([this] { return store_->health().dropped_records > 0; }));  // it would come again
    CPPUNIT_ASSERT(admin_says("NOPERM", "postern-redis(5)"));
    server_->run("ACL SETUSER blind on >word ~postern:* &* +@all -hgetall");
    const auto blind = open("redis://blind:word@127.0.0.1:" + std::to_string(server_->port()));
    CPPUNIT_ASSERT(!blind->health().connected);
    CPPUNIT_ASSERT(blind->health().last_error.find("HGETALL postern:networks: NOPERM") != std::string::npos);
    CPPUNIT_ASSERT(blind->health().last_error.find("word") == std::string::npos);
  }

  void a_failed_call_is_forgotten_when_the_server_answers() {
    if (!server_) return;
    store_ = open();
    CPPUNIT_ASSERT_EQUAL(Action::kTag, action());
    server_->run("CONFIG SET maxclients 3");  // the watcher's two, and this one
    server_->run("CLIENT KILL TYPE normal SKIPME yes");
    server_->run("CONFIG SET maxclients 1000");
    const std::vector<std::string> other{"b@example.com"};
    CPPUNIT_ASSERT(eventually([&] {
      const auto chains = store_->policies(other, soon());
      return chains.ok() && !chains->front().last_known;
    }));
  }

  void the_pool_knows_its_server() {
    if (!server_) return;
    const auto url = std::move(parse_redis_url("redis://127.0.0.1:" + std::to_string(server_->port())).value());
    const StopSignal never;
    int alarms = 0, elsewhere = 0;
    RedisPool pool(url, Millis(5000), Millis(5000), never, [&](bool other) { other ? ++elsewhere : ++alarms; });
    const std::string info = server_->run("INFO server");
    const size_t at = info.find("run_id:") + 7;
    const ServerIdentity identity{url.addresses.front(), info.substr(at, info.find('\r', at) - at), "master"};
    pool.point_at(identity);
    pool.close_breaker();
    const std::vector<RedisCommand> command{{"HGETALL", "postern:policy:*"}};
    const auto first = pool.read(command, soon());
    CPPUNIT_ASSERT(first.ok() && first->rows.size() == 1 && pool.follows(first->era));
    server_->run("REPLICAOF 127.0.0.1 1");
    const auto demoted = pool.read(command, soon());
    CPPUNIT_ASSERT(!demoted.ok() && demoted.error().text.find("slave") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(1, alarms);
    server_->stop();
    server_->start();
    pool.close_breaker();
    const auto restarted = pool.read(command, soon());
    CPPUNIT_ASSERT(!restarted.ok() && restarted.error().text.find("restarted") != std::string::npos);
    CPPUNIT_ASSERT_EQUAL(1, elsewhere);
    pool.point_at(identity);
    CPPUNIT_ASSERT(!pool.follows(first->era));
  }

 private:
  static constexpr TrackHash kFact{'z', 'x', 'c', 'v', 'b', 'n'};

  StoreOptions options_of(const std::string& url) {
    StoreOptions options;
    options.redis = url.empty() ? server_->socket_url() : url;
    options.node = "one";
    options.connect_timeout = options.command_timeout = Millis(5000);  // tests run on busy machines
    return options;
  }
  std::unique_ptr<Store> open(const std::string& url = "") {
    url_ = url;
    return std::move(open_store(options_of(url)).value());
  }
  void track() { store_->track({day_of(unix_now()), 9, {kFact}, ""}); }
  Action action() {
    const auto chains = store_->policies(std::vector<std::string>{"a@example.com"}, soon());
    return chains.ok() ? decide_policy(chains->front(), Verdict::kSpam).action : Action::kReject;
  }
  // Whether the last error names the command with its key, the error, and what to do.
  bool says(const std::string& command, const std::string& name, const std::string& advice) {
    const std::string text = store_->health().last_error;
    return text.find(command) != std::string::npos && text.find(name) != std::string::npos &&
           text.find(advice) != std::string::npos;
  }
  Result<uint64_t> apply() {
    const auto admin = open_admin(options_of(url_));
    if (!admin.ok()) return admin.error();
    const auto before = admin.value()->row(TableName::kNetworks, "192.0.2.0/24");
    if (!before.ok()) return before.error();
    return admin.value()->apply(TableName::kNetworks, {{"192.0.2.0/24", *before, "allow"}}, "me");
  }
  bool admin_says(const std::string& name, const std::string& advice) {
    const auto done = apply();
    return !done.ok() && done.error().text.find(name) != std::string::npos &&
           done.error().text.find(advice) != std::string::npos;
  }

  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<Store> store_;
  std::string url_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(RedisErrorsTest);

}  // namespace
}  // namespace postern::test
