// SPDX-License-Identifier: GPL-2.0-or-later
// Counts of refused networks: kept together, bounded, expiring.
#include "store/counters.h"

#include <cppunit/extensions/HelperMacros.h>

namespace postern::test {
namespace {

constexpr UnixTime kNow = 1'000'000'000;

IpAddress client(uint64_t network) { return {0, 0xffffULL << 32 | 10U << 24 | network << 8 | 7}; }

class CountersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CountersTest);
  CPPUNIT_TEST(counts_by_network);
  CPPUNIT_TEST(stays_bounded_and_keeps_the_busiest);
  CPPUNIT_TEST(expires);
  CPPUNIT_TEST_SUITE_END();

 public:
  void counts_by_network() {
    RefusalCounter counter;
    counter.count(*parse_ip("192.0.2.9"), kNow);
    counter.count(*parse_ip("192.0.2.200"), kNow + 5);
    counter.count(*parse_ip("2001:db8:1:2::3"), kNow);
    const auto top = counter.top(9);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, top.size());
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.0/24"), to_string(top[0].source));
    CPPUNIT_ASSERT(top[0].count == 2 && top[0].first == kNow && top[0].last == kNow + 5);
    CPPUNIT_ASSERT_EQUAL(std::string("2001:db8:1::/48"), to_string(top[1].source));
  }

  void stays_bounded_and_keeps_the_busiest() {
    RefusalCounter counter(100);
    for (int i = 0; i < 3; ++i) counter.count(*parse_ip("192.0.2.9"), kNow);
    for (uint64_t network = 0; network < 1000; ++network) {
      counter.count(client(network), kNow);
      CPPUNIT_ASSERT(counter.top(1000).size() <= 100);
    }
    CPPUNIT_ASSERT_EQUAL(std::string("192.0.2.0/24"), to_string(counter.top(1).front().source));
  }

  void expires() {
    RefusalCounter counter;
    counter.count(client(1), kNow);
    counter.count(client(2), kNow);
    counter.count(client(2), kNow + 10);
    counter.expire(kNow + 10);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, counter.top(9).size());
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, counter.top(9).front().count);
    counter.expire(kNow + 11);
    CPPUNIT_ASSERT(counter.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CountersTest);

}  // namespace
}  // namespace postern::test
