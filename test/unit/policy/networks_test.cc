// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "policy/networks.h"

namespace postern {
namespace {

constexpr UnixTime kNow = 1'000'000'000;

NetworkTable table(std::initializer_list<std::pair<std::string_view, std::string_view>> lines) {
  std::vector<NetworkRow> all;
  for (const auto& [key, value] : lines) {
    const auto rows = parse_network_row(key, value);
    CPPUNIT_ASSERT(rows.ok());
    all.insert(all.end(), rows->begin(), rows->end());
  }
  return NetworkTable(all);
}

IpAddress ip(std::string_view text) { return parse_ip(text).value(); }

// "pass 192.0.2.0/24", "fail none", "open none" (not enforced), with "+outbound".
std::string judged(const NetworkTable& networks, std::string_view client, UnixTime now = kNow) {
  const NetworkAnswer answer = networks.judge(ip(client), now);
  std::string text = !answer.enforced ? "open " : answer.pass ? "pass " : "fail ";
  CPPUNIT_ASSERT(answer.enforced || answer.pass);
  text += answer.matched() ? to_string(networks.row(answer.row).prefix) : "none";
  return answer.outbound ? text + "+outbound" : text;
}

void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}

// The definition, word for word, over all rows.
struct Expected {
  bool enforced = false;
  const NetworkRow* row = nullptr;
};
Expected naive(const std::vector<NetworkRow>& rows, const IpAddress& client, UnixTime now) {
  Expected out;
  for (const NetworkRow& row : rows) {
    if (!row.in_force(now)) continue;
    if (row.use == NetworkUse::kAllow) out.enforced = true;
    if (row.prefix.is_ipv4() != client.is_ipv4()) continue;
    if (client < row.prefix.address || client > row.prefix.last()) continue;
    const bool better = out.row == nullptr || row.prefix.length > out.row->prefix.length ||
                        (row.prefix.length == out.row->prefix.length && row.use > out.row->use);
    if (better) out.row = &row;
  }
  return out;
}

// Makes tables and addresses that meet often: few distinct bits, all lengths, both families.
class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}
  uint64_t below(uint64_t limit) { return random_() % limit; }
  IpAddress address() {
    const uint64_t shape = below(8);
    if (shape < 4) return {0, 0xffffULL << 32 | (sparse() & 0xffffffff)};
    if (shape == 4) return {0, sparse()};  // near and around the IPv4-mapped block
    if (shape == 5) return {sparse(), sparse()};
    return {0x20010db8ULL << 32 | (sparse() & 0xffffffff), sparse()};
  }
  NetworkRow row() {
    const IpAddress at = address();
    const uint64_t shortest = at.is_ipv4() && below(16) != 0 ? 96 : 0;
    const auto length = static_cast<uint8_t>(shortest + below(129 - shortest));
    NetworkRow out{{masked(at, length), length}, static_cast<NetworkUse>(below(3)), {}, {}, {}};
    if (below(3) == 0) out.from = time();
    if (below(3) == 0) out.until = time();
    return out;
  }
  UnixTime time() { return kNow + static_cast<UnixTime>(below(8)); }

 private:
  // A number with few ones or few zeros, so that addresses share long starts.
  uint64_t sparse() {
    uint64_t out = random_() & random_() & random_();
    if (below(2) == 0) out &= 0xff000000ffULL;
    return below(8) == 0 ? ~out : out;
  }
  std::mt19937_64 random_;
};

}  // namespace

class NetworksTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworksTest);
  CPPUNIT_TEST(an_empty_table_locks_nobody_out);
  CPPUNIT_TEST(the_longest_prefix_wins);
  CPPUNIT_TEST(deny_wins_a_tie);
  CPPUNIT_TEST(rows_count_to_the_second);
  CPPUNIT_TEST(the_gate_opens_and_shuts_with_its_allow_rows);
  CPPUNIT_TEST(loopback_always_passes);
  CPPUNIT_TEST(families_are_apart);
  CPPUNIT_TEST(agrees_with_a_linear_search);
  CPPUNIT_TEST(agrees_in_a_large_table);
  CPPUNIT_TEST(tables_are_swapped_under_running_lookups);
  CPPUNIT_TEST(finds_the_nearest);
  CPPUNIT_TEST(tells_what_covers);
  CPPUNIT_TEST(keeps_rows_whole);
  CPPUNIT_TEST(counts_refusals_by_network);
  CPPUNIT_TEST_SUITE_END();

 public:
  void an_empty_table_locks_nobody_out() {
    assert_text("open none", judged(NetworkTable(), "192.0.2.1"));
    assert_text("open none", judged(NetworkTable(std::vector<NetworkRow>{}), "2001:db8::1"));
    const NetworkTable no_allow = table({{"192.0.2.0/24", "deny"}, {"198.51.100.0/24", "outbound"}});
    assert_text("open 192.0.2.0/24", judged(no_allow, "192.0.2.1"));
    assert_text("open 198.51.100.0/24+outbound", judged(no_allow, "198.51.100.1"));
    assert_text("open none", judged(no_allow, "203.0.113.1"));
  }

  void the_longest_prefix_wins() {
    const NetworkTable networks = table({{"192.0.2.0/24", "allow"},
                                         {"192.0.2.64/26", "deny"},
                                         {"192.0.2.80", "outbound"},
                                         {"2001:db8::/32", "deny"},
                                         {"2001:db8:1::/48", "allow"}});
    assert_text("pass 192.0.2.0/24", judged(networks, "192.0.2.0"));
    assert_text("pass 192.0.2.0/24", judged(networks, "192.0.2.63"));
    assert_text("fail 192.0.2.64/26", judged(networks, "192.0.2.64"));
    assert_text("pass 192.0.2.80/32+outbound", judged(networks, "192.0.2.80"));
    assert_text("fail 192.0.2.64/26", judged(networks, "192.0.2.81"));
    assert_text("pass 192.0.2.0/24", judged(networks, "192.0.2.255"));
    assert_text("fail none", judged(networks, "192.0.3.0"));
    assert_text("fail none", judged(networks, "192.0.1.255"));
    assert_text("pass 2001:db8:1::/48", judged(networks, "2001:db8:1:ffff::"));
    assert_text("fail 2001:db8::/32", judged(networks, "2001:db8:2::"));
    assert_text("pass 192.0.2.0/24", judged(networks, "::ffff:192.0.2.1"));
  }

  void deny_wins_a_tie() {
    const NetworkTable networks = table({{"192.0.2.0/24", "deny"},
                                         {"192.0.2.0 / 255.255.255.0", "allow"},
                                         {"198.51.100.0/24", "outbound"},
                                         {"198.51.100.0-255", "allow"}});
    assert_text("fail 192.0.2.0/24", judged(networks, "192.0.2.1"));
    assert_text("pass 198.51.100.0/24+outbound", judged(networks, "198.51.100.1"));
    const NetworkTable timed =
        table({{"192.0.2.0/24", "deny from=2001-09-09T01:46:41Z"}, {"192.0.2.0-255", "allow"}});
    assert_text("pass 192.0.2.0/24", judged(timed, "192.0.2.1", kNow));
    assert_text("fail 192.0.2.0/24", judged(timed, "192.0.2.1", kNow + 1));
  }

  void rows_count_to_the_second() {
    const NetworkTable networks =
        table({{"198.51.100.0/24", "allow"},
               {"192.0.0.0/16", "deny"},
               {"192.0.2.0/24", "allow from=2001-09-09T01:46:40Z until=2001-09-09T01:46:42Z"}});
    assert_text("fail 192.0.0.0/16", judged(networks, "192.0.2.1", kNow - 1));
    assert_text("pass 192.0.2.0/24", judged(networks, "192.0.2.1", kNow));
    assert_text("pass 192.0.2.0/24", judged(networks, "192.0.2.1", kNow + 1));
    assert_text("fail 192.0.0.0/16", judged(networks, "192.0.2.1", kNow + 2));
  }

  void the_gate_opens_and_shuts_with_its_allow_rows() {
    const NetworkTable networks = table({{"192.0.2.0/24", "allow until=2001-09-09T01:46:40Z"},
                                         {"198.51.100.0/24", "allow from=2001-09-09T01:46:41Z"}});
    CPPUNIT_ASSERT(networks.enforced(kNow - 1));
    CPPUNIT_ASSERT(!networks.enforced(kNow));
    CPPUNIT_ASSERT(networks.enforced(kNow + 1));
    assert_text("fail none", judged(networks, "203.0.113.1", kNow - 1));
    assert_text("open none", judged(networks, "203.0.113.1", kNow));
    assert_text("fail none", judged(networks, "203.0.113.1", kNow + 1));
  }

  void loopback_always_passes() {
    const NetworkTable networks = table({{"127.0.0.0/8", "deny"}, {"::1", "deny"}, {"192.0.2.0/24", "allow"}});
    assert_text("pass 127.0.0.0/8", judged(networks, "127.0.0.1"));
    assert_text("fail 127.0.0.0/8", judged(networks, "127.0.0.2"));  // only the two addresses a host uses itself
    assert_text("pass ::1/128", judged(networks, "::1"));
    assert_text("pass none", judged(table({{"192.0.2.0/24", "allow"}}), "::1"));
    const NetworkTable ours = table({{"127.0.0.2", "outbound"}, {"192.0.2.0/24", "allow"}});
    assert_text("pass 127.0.0.2/32+outbound", judged(ours, "127.0.0.2"));
  }

  void families_are_apart() {
    const NetworkTable networks = table({{"::/0", "allow"}, {"198.51.100.0/24", "deny"}});
    assert_text("pass ::/0", judged(networks, "2001:db8::1"));
    assert_text("fail none", judged(networks, "192.0.2.1"));
    const NetworkTable other = table({{"0.0.0.0/0", "allow"}});
    assert_text("pass 0.0.0.0/0", judged(other, "255.255.255.255"));
    assert_text("fail none", judged(other, "::fffe:192.0.2.1"));
    assert_text("fail none", judged(other, "2001:db8::1"));
  }

  void agrees_with_a_linear_search() {
    size_t cases = 0;
    size_t decided = 0;
    for (uint64_t seed = 1; cases < 1'200'000; ++seed) {
      Maker make(seed);
      std::vector<NetworkRow> rows(make.below(seed % 50 == 0 ? 3000 : seed % 10 == 0 ? 300 : 30));
      for (NetworkRow& row : rows) row = make.row();
      const NetworkTable networks(rows);
      for (int i = 0; i < 2000; ++i, ++cases) {
        IpAddress client = make.address();
        if (!rows.empty() && make.below(4) != 0) {  // in, just before or just behind a row
          const Prefix& near = rows[make.below(rows.size())].prefix;
          client = make.below(2) == 0 ? near.address : near.last();
          client.low += make.below(3) - 1;
        }
        const UnixTime now = make.time();
        const Expected wanted = naive(rows, client, now);
        const NetworkAnswer found = networks.judge(client, now);
        CPPUNIT_ASSERT_EQUAL(wanted.enforced, found.enforced);
        CPPUNIT_ASSERT_EQUAL(wanted.row != nullptr, found.matched());
        bool pass = !wanted.enforced || client.is_loopback();
        if (wanted.row != nullptr) {
          ++decided;
          const NetworkRow row = networks.row(found.row);
          CPPUNIT_ASSERT(row.prefix == wanted.row->prefix && row.use == wanted.row->use && row.in_force(now));
          pass = pass || wanted.row->use != NetworkUse::kDeny;
        }
        CPPUNIT_ASSERT_EQUAL(pass, found.pass);
        CPPUNIT_ASSERT_EQUAL(wanted.row != nullptr && wanted.row->use == NetworkUse::kOutbound, found.outbound);
      }
    }
    CPPUNIT_ASSERT(decided > cases / 4 && decided < cases);  // the cases are of both kinds
  }

  // So many rows that the index has every kind of cell, and covering rows far before what they cover.
  void agrees_in_a_large_table() {
    Maker make(11);
    std::map<Prefix, NetworkUse> known;
    const auto add = [&known](const IpAddress& at, unsigned length, NetworkUse use) {
      const auto [row, fresh] = known.emplace(Prefix{masked(at, length), static_cast<uint8_t>(length)}, use);
      if (!fresh) row->second = std::max(row->second, use);
    };
    add(ip("0.0.0.0"), 96, NetworkUse::kAllow);
    add(ip("10.0.0.0"), 96 + 8, NetworkUse::kOutbound);
    add(ip("2001:db8::"), 32, NetworkUse::kDeny);
    for (size_t i = 0; i < 150'000; ++i) {
      const uint64_t bits = make.below(1 << 24);
      const auto use = static_cast<NetworkUse>(make.below(3));
      add({0, 0xffffULL << 32 | 10U << 24 | bits}, 96 + 32 - static_cast<unsigned>(make.below(6)), use);
      add({0x20010db8ULL << 32 | bits << 6, bits * 1'000'003}, 56 + 8 * static_cast<unsigned>(make.below(10)), use);
    }
    std::vector<NetworkRow> rows;
    for (const auto& [prefix, use] : known) rows.push_back({prefix, use, {}, {}, {}});
    const NetworkTable networks(rows);
    for (size_t i = 0; i < 200'000; ++i) {
      const Prefix& near = rows[make.below(rows.size())].prefix;
      IpAddress client = make.below(2) == 0 ? near.address : near.last();
      client.low += make.below(5) - 2;
      auto wanted = known.end();
      const unsigned shortest = client.is_ipv4() ? 96 : 0;
      for (unsigned length = 129; length-- > shortest && wanted == known.end();) {
        wanted = known.find({masked(client, length), static_cast<uint8_t>(length)});
      }
      const NetworkAnswer found = networks.judge(client, kNow);
      CPPUNIT_ASSERT_EQUAL(wanted != known.end(), found.matched());
      if (!found.matched()) continue;
      const NetworkRow row = networks.row(found.row);
      CPPUNIT_ASSERT(row.prefix == wanted->first && row.use == wanted->second);
      CPPUNIT_ASSERT_EQUAL(wanted->second != NetworkUse::kDeny || client.is_loopback(), found.pass);
    }
  }

  // Readers take the table in force as the daemon's sessions do, while another thread replaces it.  Table n lists
  // n+1 hosts, all of them with the use n % 3: any answer that mixes two tables is seen.
  void tables_are_swapped_under_running_lookups() {
    constexpr uint64_t kSwaps = 300;
    const auto make_table = [](uint64_t n) {
      std::vector<NetworkRow> rows{{{ip("203.0.113.1"), 128}, NetworkUse::kAllow, {}, {}, {}}};
      for (uint64_t i = 0; i <= n; ++i) {
        rows.push_back({{{0, 0xffffULL << 32 | 10U << 24 | i}, 128}, static_cast<NetworkUse>(n % 3), {}, {}, {}});
      }
      return std::make_shared<const NetworkTable>(rows);
    };
    std::mutex mutex;
    std::shared_ptr<const NetworkTable> current = make_table(0);
    std::atomic<uint64_t> wrong{0};
    const auto read = [&] {
      for (size_t last = 0; last != kSwaps + 2;) {  // until the newest was asked
        std::shared_ptr<const NetworkTable> table;
        {
          const std::lock_guard lock(mutex);
          table = current;
        }
        const uint64_t n = table->size() - 2;
        if (table->size() < last) ++wrong;  // never back to an older one
        last = table->size();
        for (uint64_t i = 0; i <= n + 1; ++i) {
          const NetworkAnswer found = table->judge({0, 0xffffULL << 32 | 10U << 24 | i}, kNow);
          const bool listed = i <= n;
          const bool good = found.enforced && found.matched() == listed && found.pass == (listed && n % 3 != 2) &&
                            found.outbound == (listed && n % 3 == 1);
          if (!good) ++wrong;
        }
      }
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(read);
    for (uint64_t n = 1; n <= kSwaps; ++n) {
      auto next = make_table(n);
      const std::lock_guard lock(mutex);  // held for one assignment: the old table dies with its last reader
      current.swap(next);
    }
    for (std::thread& reader : readers) reader.join();
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, wrong.load());
  }

  void finds_the_nearest() {
    const NetworkTable networks = table({{"64.182.139.0/24", "allow"},
                                         {"64.182.164.0/24", "allow"},
                                         {"64.0.0.0/16", "allow"},
                                         {"64.0.2.0/24", "deny"},
                                         {"2001:db8::/32", "allow"}});
    const auto near = [&](std::string_view client, size_t count) {
      std::string out;
      for (const NetworkRow& row : networks.nearest(ip(client), count)) out += to_string(row.prefix) + " ";
      return out;
    };
    assert_text("64.182.139.0/24 64.182.164.0/24 ", near("64.182.140.7", 2));
    assert_text("64.0.0.0/16 64.0.2.0/24 64.182.139.0/24 64.182.164.0/24 ", near("64.1.0.0", 9));
    assert_text("64.0.2.0/24 64.0.0.0/16 ", near("64.0.2.1", 2));
    assert_text("2001:db8::/32 ", near("::1", 3));
    assert_text("", near("::1", 0));
    CPPUNIT_ASSERT(NetworkTable().nearest(ip("::1"), 3).empty());
    for (uint64_t seed = 1; seed <= 300; ++seed) {
      Maker make(seed);
      std::vector<NetworkRow> rows(1 + make.below(200));
      for (NetworkRow& row : rows) row = make.row();
      const NetworkTable random(rows);
      const IpAddress client = make.address();
      const auto gap = [&](const NetworkRow& row) -> Uint128 {
        if (client < row.prefix.address) return number_of(row.prefix.address) - number_of(client);
        return client > row.prefix.last() ? number_of(client) - number_of(row.prefix.last()) : 0;
      };
      std::erase_if(rows, [&](const NetworkRow& row) { return row.prefix.is_ipv4() != client.is_ipv4(); });
      std::vector<Uint128> gaps;
      for (const NetworkRow& row : rows) gaps.push_back(gap(row));
      std::sort(gaps.begin(), gaps.end());
      const auto found = random.nearest(client, 3);
      CPPUNIT_ASSERT_EQUAL(std::min<size_t>(3, rows.size()), found.size());
      for (size_t i = 0; i < found.size(); ++i) CPPUNIT_ASSERT(gap(found[i]) == gaps[i]);
    }
  }

  void tells_what_covers() {
    const NetworkTable networks = table({{"192.0.0.0/16", "deny"},
                                         {"192.0.2.0/24", "allow from=2030-01-01"},
                                         {"192.0.2.0/24", "deny"},
                                         {"::/0", "allow"}});
    const auto rows = networks.covering(ip("192.0.2.1"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, rows.size());
    assert_text("deny", to_value(rows[0]));
    assert_text("allow from=2030-01-01T00:00:00Z", to_value(rows[1]));
    assert_text("192.0.0.0/16", to_string(rows[2].prefix));
    CPPUNIT_ASSERT(networks.covering(ip("192.1.2.1")).empty());
  }

  void keeps_rows_whole() {
    Maker make(7);
    std::vector<NetworkRow> rows(500);
    for (NetworkRow& row : rows) {
      row = make.row();
      row.note = make.below(2) == 0 ? "" : "a note of more than fifteen bytes " + std::to_string(make.below(9));
    }
    const NetworkTable networks(rows);
    std::sort(rows.begin(), rows.end());
    std::stable_partition(rows.begin(), rows.end(), [](const NetworkRow& row) { return row.prefix.is_ipv4(); });
    CPPUNIT_ASSERT(networks.rows() == rows);
  }

  void counts_refusals_by_network() {
    assert_text("192.0.2.0/24", to_string(refusal_source(ip("192.0.2.77"))));
    assert_text("2001:db8:1::/48", to_string(refusal_source(ip("2001:db8:1:2::3"))));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NetworksTest);

}  // namespace postern
