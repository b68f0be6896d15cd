// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_report.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

namespace postern {
namespace {

constexpr UnixTime kNow = 1'190'000'000;  // 2007-09-17T03:33:20Z

NetworkTable table(std::initializer_list<std::pair<std::string_view, std::string_view>> lines) {
  std::vector<NetworkRow> all;
  for (const auto& [key, value] : lines) {
    const auto rows = parse_network_row(key, value);
    CPPUNIT_ASSERT(rows.ok());
    all.insert(all.end(), rows->begin(), rows->end());
  }
  return NetworkTable(all);
}

std::string text(const NetworkTable& networks, std::string_view address, UnixTime now = kNow) {
  return report_text(report_address(networks, parse_ip(address).value(), now), now, false);
}

void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}

}  // namespace

class CheckReportTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CheckReportTest);
  CPPUNIT_TEST(names_the_deciding_row);
  CPPUNIT_TEST(names_the_nearest);
  CPPUNIT_TEST(tells_times);
  CPPUNIT_TEST(says_when_nothing_is_enforced);
  CPPUNIT_TEST(colours_only_when_asked);
  CPPUNIT_TEST(writes_json);
  CPPUNIT_TEST(words_of_spans);
  CPPUNIT_TEST_SUITE_END();

 public:
  void names_the_deciding_row() {
    const NetworkTable networks = table({{"64.182.140.0/24", "allow note=the provider"},
                                         {"64.182.140.128/25", "deny"},
                                         {"2001:db8::/32", "outbound"}});
    assert_text("PASS 64.182.140.7  64.182.140.0/24 allow, note=the provider\n", text(networks, "64.182.140.7"));
    assert_text("FAIL 64.182.140.200  64.182.140.128/25 deny\n", text(networks, "64.182.140.200"));
    assert_text("PASS 2001:db8::1  2001:db8::/32 outbound\n", text(networks, "2001:DB8:0::1"));
    assert_text(
        "PASS 127.0.0.1  not listed; closest is 64.182.140.128/25 (deny), then 64.182.140.0/24; passes, "
        "because it is this host\n",
        text(networks, "127.0.0.1"));
  }

  void names_the_nearest() {
    const NetworkTable networks = table({{"64.182.139.0/24", "allow"}, {"64.182.164.0/24", "allow"}});
    assert_text("FAIL 64.182.140.7  not listed; closest is 64.182.139.0/24, then 64.182.164.0/24\n",
                text(networks, "64.182.140.7"));
    assert_text("FAIL 2001:db8::1  not listed; the list has no IPv6 network\n", text(networks, "2001:db8::1"));
  }

  void tells_times() {
    const NetworkTable networks =
        table({{"192.0.2.0/24", "allow from=2007-08-15T00:00:00Z until=2007-09-17T03:33:30Z"},
               {"198.51.100.0/24", "allow from=2007-09-20"},
               {"198.51.100.0/25", "deny until=2007-09-17T03:33:20Z"}});
    assert_text(
        "PASS 192.0.2.1  192.0.2.0/24 allow, from 2007-08-15T00:00:00Z (33d 3h ago), until "
        "2007-09-17T03:33:30Z (in 10s)\n",
        text(networks, "192.0.2.1"));
    assert_text(
        "PASS 198.51.100.1  listed, but not in force now; the list is not enforced: no allow row is in force\n"
        "     no longer in force: 198.51.100.0/25 deny, until 2007-09-17T03:33:20Z (10s ago)\n"
        "     not yet in force: 198.51.100.0/24 allow, from 2007-09-20T00:00:00Z (in 2d 20h)\n",
        text(networks, "198.51.100.1", kNow + 10));
    assert_text(
        "FAIL 198.51.100.1  198.51.100.0/25 deny, until 2007-09-17T03:33:20Z (in 1s)\n"
        "     not yet in force: 198.51.100.0/24 allow, from 2007-09-20T00:00:00Z (in 2d 20h)\n",
        text(networks, "198.51.100.1", kNow - 1));
  }

  void says_when_nothing_is_enforced() {
    assert_text("PASS 192.0.2.1  the list is empty; the list is not enforced: no allow row is in force\n",
                text(NetworkTable(), "192.0.2.1"));
    assert_text("PASS 192.0.2.1  192.0.2.0/24 deny; the list is not enforced: no allow row is in force\n",
                text(table({{"192.0.2.0/24", "deny"}}), "192.0.2.1"));
  }

  void colours_only_when_asked() {
    const NetworkTable networks = table({{"192.0.2.0/24", "allow"}});
    const auto colored = [&](std::string_view address) {
      return report_text(report_address(networks, parse_ip(address).value(), kNow), kNow, true);
    };
    assert_text("\x1b[32mPASS\x1b[0m 192.0.2.1  192.0.2.0/24 allow\n", colored("192.0.2.1"));
    assert_text("\x1b[31mFAIL\x1b[0m 192.0.3.1  not listed; closest is 192.0.2.0/24\n", colored("192.0.3.1"));
  }

  void writes_json() {
    const NetworkTable networks = table({{"192.0.2.0/24", "allow from=2007-08-15 note=x"}});
    const auto json = [&](std::string_view address) {
      return report_json(report_address(networks, parse_ip(address).value(), kNow)).dump();
    };
    assert_text(
        R"({"address":"192.0.2.1","pass":true,"enforced":true,"outbound":false,"prefix":"192.0.2.0/24",)"
        R"("use":"allow","from":"2007-08-15T00:00:00Z","until":null,"note":"x",)"
        R"("reason":"192.0.2.0/24 allow, from 2007-08-15T00:00:00Z (33d 3h ago), note=x","waiting":[],"nearest":[]})",
        json("192.0.2.1"));
    assert_text(R"({"address":"192.0.3.1","pass":false,"enforced":true,"outbound":false,"prefix":null,)"
                R"("reason":"not listed; closest is 192.0.2.0/24","waiting":[],"nearest":[{"prefix":"192.0.2.0/24",)"
                R"("use":"allow","from":"2007-08-15T00:00:00Z","until":null,"note":"x"}]})",
                json("192.0.3.1"));
  }

  void words_of_spans() {
    assert_text("0s", span_words(0));
    assert_text("59s", span_words(59));
    assert_text("1m", span_words(60));
    assert_text("1h", span_words(3601));
    assert_text("2d 3h", span_words(2 * 86400 + 3 * 3600 + 59));
    assert_text("in 5s", when_words(15, 10));
    assert_text("0s ago", when_words(10, 10));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CheckReportTest);

}  // namespace postern
