// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of the shared store that need no server: the policy cache and the URL.
#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "store/policy_cache.h"
#include "store/redis_url.h"

namespace postern::test {
namespace {

// A notice that overtakes a read, and one that comes after it.
class PolicyCacheTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PolicyCacheTest);
  CPPUNIT_TEST(a_notice_between_read_and_insert_wins);
  CPPUNIT_TEST(a_late_read_replaces_nothing_newer);
  CPPUNIT_TEST(a_late_read_replaces_what_was_there_before_it);
  CPPUNIT_TEST(stays_bounded);
  CPPUNIT_TEST(urls);
  CPPUNIT_TEST(tls_is_refused_with_a_way_out);
  CPPUNIT_TEST_SUITE_END();

 public:
  void a_notice_between_read_and_insert_wins() {
    PolicyCache cache;
    PolicyRow row;
    row.actions[0] = Action::kDelete;
    uint64_t ticket = cache.ticket("a@example.com");
    cache.void_key("a@example.com");
    cache.insert("a@example.com", row, ticket);
    CPPUNIT_ASSERT(!cache.find("a@example.com"));
    CPPUNIT_ASSERT(cache.last_known("a@example.com")->value().actions[0] == Action::kDelete);  // a message saw it
    ticket = cache.ticket("a@example.com");
    cache.insert("a@example.com", row, ticket);
    CPPUNIT_ASSERT(cache.find("a@example.com")->value().actions[0] == Action::kDelete);
    cache.void_all();
    CPPUNIT_ASSERT(!cache.find("a@example.com"));
    CPPUNIT_ASSERT(cache.last_known("a@example.com")->has_value());
    cache.insert("b@example.com", std::nullopt, cache.ticket("b@example.com"));
    CPPUNIT_ASSERT(cache.find("b@example.com") && !*cache.find("b@example.com"));
  }

  // What a message was judged by must not give way to something older when Redis goes.
  void a_late_read_replaces_nothing_newer() {
    PolicyCache cache;
    PolicyRow one, two;
    one.actions[0] = Action::kDelete;
    two.actions[0] = Action::kReject;
    const std::string who = "a@example.com";
    const uint64_t early = cache.ticket(who);
    cache.insert(who, one, early);
    cache.void_key(who);
    const uint64_t later = cache.ticket(who);
    cache.void_key(who);
    cache.insert(who, two, later);
    CPPUNIT_ASSERT(!cache.find(who));
    CPPUNIT_ASSERT(cache.last_known(who)->value() == two);
    cache.insert(who, one, early);
    CPPUNIT_ASSERT(cache.last_known(who)->value() == two);
    // Two readers at once, one before an edit and one after it, and the notice not yet here.
    const uint64_t both = cache.ticket(who);
    cache.insert(who, two, both);
    CPPUNIT_ASSERT(cache.find(who));
    cache.insert(who, one, both);
    CPPUNIT_ASSERT(!cache.find(who));
  }

  void stays_bounded() {
    PolicyCache cache(1000);
    for (int i = 0; i < 20'000; ++i) {
      cache.insert(std::to_string(i), std::nullopt, cache.ticket(std::to_string(i)));
      CPPUNIT_ASSERT(i % 7 != 0 || cache.find("7777") || i < 7777 || i > 7777 + 7);
    }
    size_t known = 0;
    for (int i = 0; i < 20'000; ++i) known += cache.find(std::to_string(i)).has_value();
    CPPUNIT_ASSERT(known >= 300 && known <= 1200);
  }

  // A process that was stopped reads before it takes the notices that wait for it: what it read is the last row known.
  void a_late_read_replaces_what_was_there_before_it() {
    PolicyCache cache;
    PolicyRow older, newer;
    older.actions.at(0) = Action::kDelete;
    newer.actions.at(0) = Action::kTag;
    cache.insert("a@example.com", older, cache.ticket("a@example.com"));
    const uint64_t ticket = cache.ticket("a@example.com");
    cache.void_key("a@example.com");
    cache.insert("a@example.com", newer, ticket);
    CPPUNIT_ASSERT(!cache.find("a@example.com").has_value());
    CPPUNIT_ASSERT(**cache.last_known("a@example.com") == newer);
  }

  void tls_is_refused_with_a_way_out() {
    const auto tls = parse_redis_url("rediss://user:secret@host:6380");
    CPPUNIT_ASSERT(!tls.ok() && tls.error().text.find("contrib/redis/stunnel.conf") != std::string::npos);
    CPPUNIT_ASSERT(tls.error().text.find("secret") == std::string::npos);
  }

  void urls() {
    const auto plain = parse_redis_url("redis://user:p%40ss@[2001:db8::1]:6380/2");
    CPPUNIT_ASSERT(plain.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("p@ss"), plain->password);
    CPPUNIT_ASSERT_EQUAL(std::string("[2001:db8::1]:6380"), to_string(plain->addresses[0]));
    CPPUNIT_ASSERT_EQUAL(2U, plain->db);
    const auto sentinel = parse_redis_url("sentinel://127.0.0.1,127.0.0.2:26380/main?db=1&sentinel-password=x");
    CPPUNIT_ASSERT(sentinel.ok() && sentinel->sentinel());
    CPPUNIT_ASSERT_EQUAL(26379, sentinel->addresses[0].port);
    CPPUNIT_ASSERT_EQUAL(26380, sentinel->addresses[1].port);
    CPPUNIT_ASSERT_EQUAL(std::string("main"), sentinel->master);
    CPPUNIT_ASSERT_EQUAL(std::string("/run/redis.sock"),
                         parse_redis_url("unix:///run/redis.sock?db=4")->addresses[0].path);
    for (const char* bad : {"", "redis", "http://x", "redis://", "redis://h:0", "redis://h:99999", "redis://h:1/x",
                            "redis://a,b/0", "sentinel://a", "unix://x", "redis://h?x=1", "redis://u:%zz@h"}) {
      CPPUNIT_ASSERT_MESSAGE(bad, !parse_redis_url(bad).ok());
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PolicyCacheTest);

}  // namespace
}  // namespace postern::test
