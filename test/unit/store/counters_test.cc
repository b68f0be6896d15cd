// SPDX-License-Identifier: GPL-2.0-or-later
// Counts of refused networks: kept together, bounded, expiring.
#include "store/counters.h"

#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <array>

#include "base/fd.h"

namespace postern::test {
namespace {

constexpr UnixTime kNow = 1'000'000'000;

// What goes to standard error while it lives.
class Logged {
 public:
  Logged() : saved_(dup(STDERR_FILENO)) {
    CPPUNIT_ASSERT_EQUAL(0, pipe(ends_.data()));
    dup2(ends_[1], STDERR_FILENO);
    close(ends_[1]);
  }
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
  ~Logged() { close(ends_[0]); }
  std::string text() const {
    dup2(saved_.get(), STDERR_FILENO);
    std::string all(4096, '\0');
    const ssize_t got = read(ends_[0], all.data(), all.size());
    all.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return all;
  }

 private:
  Fd saved_;
  std::array<int, 2> ends_{};
};

IpAddress client(uint64_t network) { return {0, 0xffffULL << 32 | 10U << 24 | network << 8 | 7}; }

class CountersTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CountersTest);
  CPPUNIT_TEST(counts_by_network);
  CPPUNIT_TEST(stays_bounded_and_keeps_the_busiest);
  CPPUNIT_TEST(expires);
  CPPUNIT_TEST(drops_are_logged_at_most_once_a_minute);
  CPPUNIT_TEST(bounce_counts_as_text);
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

  void drops_are_logged_at_most_once_a_minute() {
    constexpr int64_t kSecond = 1'000'000;
    DropCounter drops;
    const auto said = [&drops](uint64_t records, int64_t now) {
      const Logged logged;
      drops.add(records, "the queue is full", now);
      return logged.text();
    };
    CPPUNIT_ASSERT_EQUAL(std::string(), said(0, 1 * kSecond));
    CPPUNIT_ASSERT_EQUAL(
        std::string("warning: 2 tracking records dropped (2 since start): the queue is full; bounces "
                    "of that mail are known by their stamp alone\n"),
        said(2, 2 * kSecond));
    for (int64_t second = 3; second < 62; ++second) CPPUNIT_ASSERT_EQUAL(std::string(), said(1, second * kSecond));
    CPPUNIT_ASSERT_EQUAL(size_t{9}, said(1, 62 * kSecond).find("60 tracking records dropped (62 since start)"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{62}, drops.count());
  }

  void bounce_counts_as_text() {
    BounceCounter counter;
    counter.count("example.com", "verified", 3);
    counter.count("example.net", "held-back");
    CPPUNIT_ASSERT_EQUAL(std::string("example.com verified 3\nexample.net held-back 1\n"),
                         bounce_lines(counter.counts()));
    CPPUNIT_ASSERT(parse_bounce_lines(bounce_lines(counter.counts())) == counter.counts());
    CPPUNIT_ASSERT(parse_bounce_lines("example.com lost 3\nexample.com verified\nexample.com forged x\n\n").empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CountersTest);

}  // namespace
}  // namespace postern::test
