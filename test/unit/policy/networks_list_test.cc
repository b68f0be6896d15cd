// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_list.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "base/strings.h"

namespace postern {
namespace {

std::string rows_of(const Result<NetworkList>& list) {
  if (!list) return "error: " + list.error().text;
  std::vector<std::string> out;
  for (const NetworkRow& row : list->rows) out.push_back(to_string(row.prefix) + " " + to_value(row));
  return join(out, "\n");
}

std::string warnings_of(const Result<NetworkList>& list) {
  CPPUNIT_ASSERT(list.ok());
  return join(list->warnings, "\n");
}

std::string lines(std::string_view text) { return rows_of(read_network_lines("list", text)); }
std::string spf(std::string_view text) { return rows_of(read_spf("record", text)); }

using Present = std::map<std::string, std::string, std::less<>>;

std::string plan(const Present& present, std::string_view wanted, bool keep = false) {
  const auto list = read_network_lines("list", wanted);
  CPPUNIT_ASSERT(list.ok());
  const NetworkPlan made = plan_networks(present, list->rows, keep);
  std::vector<std::string> out;
  for (const NetworkChange& change : made.changes) {
    out.push_back(change.key + ": " + change.before.value_or("-") + " -> " + change.after.value_or("-"));
  }
  out.push_back("removed " + std::to_string(made.removed) + " changed " + std::to_string(made.changed) + " kept " +
                std::to_string(made.kept) + " added " + std::to_string(made.added) +
                (made.drastic() ? " drastic" : ""));
  return join(out, "\n");
}

void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}

}  // namespace

class NetworksListTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworksListTest);
  CPPUNIT_TEST(reads_lines);
  CPPUNIT_TEST(names_every_bad_line);
  CPPUNIT_TEST(warns_with_the_place);
  CPPUNIT_TEST(reads_spf);
  CPPUNIT_TEST(reads_spf_as_copied);
  CPPUNIT_TEST(says_what_spf_leaves_out);
  CPPUNIT_TEST(refuses_bad_spf);
  CPPUNIT_TEST(joins_purposes);
  CPPUNIT_TEST(plans_changes);
  CPPUNIT_TEST(keeps_other_spellings);
  CPPUNIT_TEST(tells_a_drastic_change);
  CPPUNIT_TEST(adds_to_what_is_there);
  CPPUNIT_TEST(reads_the_sample);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_lines() {
    assert_text("", lines(""));
    assert_text("192.0.2.0/24 allow\n198.51.100.0/24 deny note=a # b\n2001:db8::/32 allow",
                lines("# a list\r\n\r\n2001:db8::/32\r\n 192.0.2.0 / 255.255.255.0 # comment\r\n"
                      "198.51.100.0-255\tdeny note=a # b\r\n"));
    assert_text("192.0.2.1/32 allow", lines("\xef\xbb\xbf"
                                            "192.0.2.1\n192.0.2.1/32\n[192.0.2.1] allow"));
  }

  void names_every_bad_line() {
    assert_text(
        "error: list:2: \"10.0.0.0/33\" is not a network: its length is above 32\n"
        "list:4: 192.0.2.0/24: \"alow\" was not understood; expected allow, deny or outbound, then from=TIME, "
        "until=TIME, note=WORDS\n"
        "list:5: 192.0.2.0/24 is allow at list:1 already",
        lines("192.0.2.0/24\n10.0.0.0/33\n\n192.0.2.0/24 alow\n192.0.2.0-255 deny\n"));
    std::string many;
    for (int i = 0; i < 25; ++i) many += "x\n";
    const std::string found = lines(many);
    CPPUNIT_ASSERT(found.find("list:20: ") != std::string::npos);
    CPPUNIT_ASSERT(found.find("list:21: ") == std::string::npos);
    CPPUNIT_ASSERT(found.ends_with("\nand 5 more"));
  }

  void warns_with_the_place() {
    assert_text("list:2: \"192.0.2.9/24\" has bits set behind its length; taken as 192.0.2.0/24",
                warnings_of(read_network_lines("list", "\n192.0.2.9/24\n")));
  }

  void reads_spf() {
    CPPUNIT_ASSERT(looks_like_spf("\"V=SPF1 -all\""));
    CPPUNIT_ASSERT(!looks_like_spf("192.0.2.0/24 # spf"));
    assert_text("192.0.2.0/24 allow note=spf\n198.51.100.7/32 deny note=spf\n2001:db8::/32 allow note=spf",
                spf("v=spf1 ip4:192.0.2.0/24 +IP6:2001:db8::/32 -ip4:198.51.100.7 -all"));
    assert_text("", spf("v=spf1 -all"));
  }

  void reads_spf_as_copied() {
    assert_text("192.0.2.0/24 allow note=spf\n198.51.100.0/24 allow note=spf",
                spf("\"v=spf1 ip4:192.0.2.0/2\" \"4 ip4:198.51.100.0/24 ~all\"\n"));
    assert_text("192.0.2.0/24 allow note=spf\n198.51.100.0/24 allow note=spf\n203.0.113.0/24 allow note=spf",
                spf("; <<>> an answer\nexample.com. 300 IN TXT \"v=spf1 ip4:192.0.2.0/24 ~all\"\n"
                    "example.net. 300 IN TXT ( \"v=spf1 ip4:198.51.100.0/24\"\n  \" ip4:203.0.113.0/24 -all\" )\n"));
  }

  void says_what_spf_leaves_out() {
    assert_text(
        "record:1: \"include:example.net\" needs DNS and is left out\n"
        "record:1: \"mx/24\" needs DNS and is left out\n"
        "record:1: \"~ip4:192.0.2.1\" says neither yes nor no and is left out\n"
        "record:1: \"redirect=_spf.example.com\" needs DNS and is left out\n"
        "record:1: \"+all\" would let everybody in and is left out",
        warnings_of(read_spf("record",
                             "v=spf1 include:example.net mx/24 ~ip4:192.0.2.1 "
                             "redirect=_spf.example.com +all")));
  }

  void refuses_bad_spf() {
    assert_text(
        "error: record:1: \"192.0.2.300\" is not a network: \"192.0.2.300\" is not an IP address: a number is "
        "above 255\nrecord:1: \"ip6:192.0.2.1\" names the other family\n"
        "record:2: \"address:x\" is not an SPF mechanism; expected ip4:, ip6:, include:, all ...",
        spf("v=spf1 ip4:192.0.2.300 ip6:192.0.2.1\nv=spf1 address:x"));
  }

  void joins_purposes() {
    NetworkListMaker maker;
    const Prefix prefix = parse_network("192.0.2.0/24").value().front();
    maker.merge({prefix, NetworkUse::kAllow, {}, {}, "one"});
    maker.merge({prefix, NetworkUse::kAllow, {}, {}, "two"});
    maker.merge({prefix, NetworkUse::kAllow, {}, {}, "one"});
    assert_text("192.0.2.0/24 allow note=one, two", rows_of(maker.finish()));
  }

  void plans_changes() {
    assert_text("removed 0 changed 0 kept 0 added 0", plan({}, ""));
    assert_text("192.0.2.0/24: - -> allow\nremoved 0 changed 0 kept 0 added 1", plan({}, "192.0.2.0/24"));
    assert_text(
        "192.0.2.0/24: allow -> deny note=x\n203.0.113.0/24: allow -> -\n2001:db8::/32: - -> allow\n"
        "removed 1 changed 1 kept 1 added 1",
        plan({{"192.0.2.0/24", "allow"}, {"198.51.100.0/24", "allow"}, {"203.0.113.0/24", "allow"}},
             "192.0.2.0/24 deny note=x\n198.51.100.0/24\n2001:db8::/32"));
  }

  void keeps_other_spellings() {
    const Present present{{"192.0.2.0 / 255.255.255.0", "allow"}, {"198.51.100.0-198.51.101.127", "allow note=x"}};
    assert_text("removed 0 changed 0 kept 2 added 0",
                plan(present, "192.0.2.0/24\n198.51.100.0/24 allow note=x\n198.51.101.0/25 allow note=x"));
    assert_text(
        "192.0.2.0/24: - -> deny\n192.0.2.0 / 255.255.255.0: allow -> -\n"
        "removed 0 changed 1 kept 1 added 0",
        plan(present, "192.0.2.0/24 deny\n198.51.100.0/24 allow note=x\n198.51.101.0/25 allow note=x"));
    assert_text(
        "198.51.100.0/24: - -> allow note=x\n198.51.100.0-198.51.101.127: allow note=x -> -\n"
        "removed 1 changed 0 kept 1 added 0",
        plan(present, "192.0.2.0/24\n198.51.100.0/24 allow note=x"));
  }

  void tells_a_drastic_change() {
    const Present four{{"192.0.2.0/26", "allow"},
                       {"192.0.2.64/26", "allow"},
                       {"192.0.2.128/26", "allow"},
                       {"192.0.2.192/26", "allow"}};
    CPPUNIT_ASSERT(plan(four, "192.0.2.0/26\n192.0.2.64/26").ends_with("removed 2 changed 0 kept 2 added 0"));
    CPPUNIT_ASSERT(plan(four, "192.0.2.0/26").ends_with(" drastic"));
    CPPUNIT_ASSERT(plan(four, "").ends_with(" drastic"));
    CPPUNIT_ASSERT(plan({{"nonsense", "allow"}}, "192.0.2.0/24").ends_with(" drastic"));
  }

  void adds_to_what_is_there() {
    assert_text("198.51.100.0/24: allow -> deny\n2001:db8::/32: - -> allow\nremoved 0 changed 1 kept 2 added 1",
                plan({{"192.0.2.0/24", "allow note=x"}, {"198.51.100.0/24", "allow"}, {"nonsense", "allow"}},
                     "198.51.100.0/24 deny\n2001:db8::/32", true));
  }

  void reads_the_sample() {
    const char* top = std::getenv("top_srcdir");
    std::ifstream file(std::string(top == nullptr ? "." : top) + "/rules/networks.sample");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    CPPUNIT_ASSERT_MESSAGE("run it with top_srcdir set", !text.empty());
    const auto list = read_network_lines("sample", text);
    CPPUNIT_ASSERT(list.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{9}, list->rows.size());
    CPPUNIT_ASSERT(list->warnings.empty());
    const NetworkTable networks(list->rows);
    const UnixTime start = parse_iso_time("2007-08-15T00:00:00Z").value();
    const IpAddress later = parse_ip("64.182.140.7").value();
    CPPUNIT_ASSERT(!networks.judge(later, start - 1).pass);
    CPPUNIT_ASSERT(networks.judge(later, start).pass);
    CPPUNIT_ASSERT(networks.judge(parse_ip("70.84.106.1").value(), start - 1).pass);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NetworksListTest);

}  // namespace postern
