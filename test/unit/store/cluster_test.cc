// SPDX-License-Identifier: GPL-2.0-or-later
// Several nodes, one Redis, and things that go wrong: every state that a node applies must be one that Redis had, in
// its order, within a bounded time, and nothing is written back.  POSTERN_SEED replays a run.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

#include "redis_server.h"
#include "store/admin.h"
#include "store/store.h"

namespace postern::test {
namespace {

constexpr int64_t kBound = 6'000'000;  // microseconds; generous, as tests run on busy machines

struct Seen {
  int64_t at = 0;
  TablesPtr tables;
};
struct State {
  std::string digest;
  uint64_t generation = 0;
  int64_t at = 0;  // when Redis had said so
};

// A node, and a thread that writes down every state that it applies.
class Watched {
 public:
  explicit Watched(const StoreOptions& options) : store_(std::move(open_store(options).value())) {
    thread_ = std::thread([this] {
      for (bool last = false; !last;) {
        last = done_;  // one more look after the end
        const TablesPtr now = store_->tables();
        if (seen_.empty() || seen_.back().tables != now) seen_.push_back({steady_micros(), now});
        std::this_thread::sleep_for(std::chrono::microseconds(500));
      }
    });
  }
  ~Watched() { finish(); }
  const std::vector<Seen>& finish() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
    return seen_;
  }
  Store& store() { return *store_; }

 private:
  std::unique_ptr<Store> store_;
  std::atomic<bool> done_{false};
  std::vector<Seen> seen_;
  std::thread thread_;
};

class ClusterTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ClusterTest);
  CPPUNIT_TEST(no_node_applies_what_redis_did_not_have);
  CPPUNIT_TEST(a_failover_is_followed);
  CPPUNIT_TEST_SUITE_END();

 public:
  void no_node_applies_what_redis_did_not_have() {
    if (!RedisServer::installed()) return;
    const char* given = std::getenv("POSTERN_SEED");
    const auto seed =
        given == nullptr ? 7U : static_cast<unsigned>(std::atoi(given));
    std::cerr << "\nPOSTERN_SEED=" << seed << "\n";
    std::mt19937 random(seed);
    RedisServer server({"--appendonly", "yes", "--appendfsync", "always"});
    TemporaryDirectory directory;
    std::vector<std::unique_ptr<Watched>> nodes;
    for (int i = 0; i < 4; ++i) nodes.push_back(std::make_unique<Watched>(options_of(server, directory, i)));
    for (auto& node : nodes) {
      CPPUNIT_ASSERT(eventually([&] { return node->store().tables()->keys.size() == 1; }));
    }
    std::vector<State> states{present(server)};
    for (int i = 0; i < 150; ++i) {
      trouble(server, random);
      edit(server, random, i);
      states.push_back(present(server));
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 10));
    }
    for (auto& node : nodes) {
      CPPUNIT_ASSERT(eventually([&] { return node->store().tables()->digest == states.back().digest; }));
    }
    const int64_t end = steady_micros();
    for (auto& node : nodes) check(node->finish(), states, end);
    CPPUNIT_ASSERT_EQUAL(states.back().digest, present(server).digest);  // nobody wrote anything back
  }

  void a_failover_is_followed() {
    if (!RedisServer::installed()) return;
    RedisServer first, second;
    second.run("REPLICAOF 127.0.0.1 " + std::to_string(first.port()));
    CPPUNIT_ASSERT(
        eventually([&] { return first.run("INFO replication").find("state=online") != std::string::npos; }));
    const auto sentinel = RedisServer::sentinel(first.port());
    CPPUNIT_ASSERT(eventually(
        [&] { return sentinel->run("SENTINEL MASTER main").find("num-slaves\n1\n") != std::string::npos; }));
    TemporaryDirectory directory;
    StoreOptions options = options_of(first, directory, 0);
    options.redis = "sentinel://127.0.0.1:" + std::to_string(sentinel->port()) + "/main";
    const auto store = std::move(open_store(options).value());
    CPPUNIT_ASSERT_MESSAGE(store->health().last_error, store->health().connected);
    first.run("HSET postern:domains before.example.com enforce");
    CPPUNIT_ASSERT(eventually([&] { return store->tables()->domains.contains("before.example.com"); }));
    CPPUNIT_ASSERT(eventually([&] { return second.run("HEXISTS postern:domains before.example.com") == "1"; }));
    first.stop();
    CPPUNIT_ASSERT(eventually([&] { return second.run("ROLE").starts_with("master"); }, 60'000));
    second.run("HSET postern:domains after.example.com enforce");
    CPPUNIT_ASSERT(eventually([&] { return store->tables()->domains.contains("after.example.com"); }));
    CPPUNIT_ASSERT(store->tables()->domains.contains("before.example.com"));
    const Day today = day_of(unix_now());
    store->track({today, 1, {TrackHash{'a', 'b', 'c', 'd', 'e', 'f'}}, ""});
    CPPUNIT_ASSERT(store->flush(Deadline::after(Millis(20'000))));
    CPPUNIT_ASSERT(second.run("KEYS postern:track:*").starts_with("postern:track:"));
  }

 private:
  static StoreOptions options_of(RedisServer& server, const TemporaryDirectory& directory, int number) {
    StoreOptions options;
    options.redis = server.socket_url();
    options.node = "node" + std::to_string(number);
    options.state_directory = directory.path(options.node);
    options.connect_timeout = options.command_timeout = Millis(2000);
    return options;
  }

  static State present(RedisServer& server) {
    StoreOptions options;
    options.redis = server.socket_url();
    options.connect_timeout = options.command_timeout = Millis(10'000);
    const auto admin = open_admin(options);
    CPPUNIT_ASSERT_MESSAGE(admin.ok() ? "" : admin.error().text, admin.ok());
    const auto info = admin.value()->server();
    CPPUNIT_ASSERT(info.ok());
    return {info->digest, info->generation, steady_micros()};
  }

  // A change that makes a state which never was before, with `postern` or behind its back.
  static void edit(RedisServer& server, std::mt19937& random, int number) {
    const std::string key = "198.51.100." + std::to_string(random() % 20) + "/32";
    const std::string value = "allow note=" + std::to_string(number);
    if (random() % 2 == 0) {
      server.run({"HSET", "postern:networks", key, value});
      return;
    }
    StoreOptions options;
    options.redis = server.socket_url();
    const auto admin = open_admin(options);
    CPPUNIT_ASSERT(admin.ok());
    const auto before = admin.value()->row(TableName::kNetworks, key);
    CPPUNIT_ASSERT(before.ok());
    CPPUNIT_ASSERT(admin.value()->apply(TableName::kNetworks, {{key, *before, value}}, "test").ok());
  }

  static void trouble(RedisServer& server, std::mt19937& random) {
    switch (random() % 30) {
      case 0:
        server.run("CLIENT KILL TYPE normal SKIPME yes");
        break;
      case 1:
        server.run("CLIENT KILL TYPE pubsub");
        break;
      case 2:
        server.run("SCRIPT FLUSH");
        break;
      case 3:
        server.pause(true);
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
        server.pause(false);
        break;
      case 4:
        server.stop();
        server.start();
        break;
      default:
        break;
    }
  }

  static void check(const std::vector<Seen>& seen, const std::vector<State>& states, int64_t end) {
    std::map<std::string, size_t> index;
    for (size_t i = 0; i < states.size(); ++i) index.emplace(states[i].digest, i);
    size_t last = 0;
    bool begun = false;
    for (size_t i = 0; i < seen.size(); ++i) {
      const auto at = index.find(seen[i].tables->digest);
      if (at == index.end()) {
        CPPUNIT_ASSERT_MESSAGE("a state that Redis never had: " + seen[i].tables->digest, !begun);
        continue;  // before the first key was made
      }
      begun = true;
      const size_t now = at->second;
      CPPUNIT_ASSERT_MESSAGE("a node went back", now >= last);
      CPPUNIT_ASSERT_EQUAL(states[now].generation, seen[i].tables->generation);
      const int64_t until = i + 1 < seen.size() ? seen[i + 1].at : end;
      if (now + 1 < states.size()) {
        CPPUNIT_ASSERT_MESSAGE("a node stayed behind", until - states[now + 1].at < kBound);
      }
      last = now;
    }
    CPPUNIT_ASSERT_EQUAL(states.size() - 1, last);
    CPPUNIT_ASSERT(seen.size() >= 10);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ClusterTest);

}  // namespace
}  // namespace postern::test
