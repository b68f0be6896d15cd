// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "base/strings.h"
#include "policy/networks.h"

namespace postern {
namespace {

std::string prefixes(std::string_view text) {
  const auto parsed = parse_network(text);
  if (!parsed) return "error: " + parsed.error().text;
  std::vector<std::string> out;
  for (const Prefix& prefix : *parsed) out.push_back(to_string(prefix));
  return join(out, " ");
}

std::string warnings(std::string_view text) {
  std::vector<std::string> out;
  CPPUNIT_ASSERT(parse_network(text, &out).ok());
  return join(out, "; ");
}

std::string rows(std::string_view key, std::string_view value) {
  const auto parsed = parse_network_row(key, value);
  if (!parsed) return "error: " + parsed.error().text;
  std::vector<std::string> out;
  for (const NetworkRow& row : *parsed) out.push_back(to_string(row.prefix) + " " + to_value(row));
  return join(out, ", ");
}

bool says(const std::string& text, std::string_view part) {
  if (text.find(part) != std::string::npos) return true;
  CPPUNIT_FAIL("\"" + text + "\" does not say \"" + std::string(part) + "\"");
  return false;
}

void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}

}  // namespace

class NetworksParseTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworksParseTest);
  CPPUNIT_TEST(takes_every_ipv4_form);
  CPPUNIT_TEST(takes_every_ipv6_form);
  CPPUNIT_TEST(splits_ranges);
  CPPUNIT_TEST(warns_of_what_it_changed);
  CPPUNIT_TEST(refuses_with_the_reason);
  CPPUNIT_TEST(reads_values);
  CPPUNIT_TEST(refuses_values);
  CPPUNIT_TEST(writes_what_it_reads);
  CPPUNIT_TEST(cuts_lines);
  CPPUNIT_TEST_SUITE_END();

 public:
  void takes_every_ipv4_form() {
    assert_text("64.182.140.0/24", prefixes("64.182.140.0/24"));
    assert_text("65.99.192.0/24", prefixes("65.99.192.0 / 255.255.255.0"));
    assert_text("70.84.106.0/24", prefixes("70.84.106.0 /255.255.255.0"));
    assert_text("70.84.106.0/24", prefixes("\t70.84.106.0/ 255.255.255.0 "));
    assert_text("192.0.2.0/25", prefixes("192.0.2.0 255.255.255.128"));
    assert_text("192.0.2.1/32", prefixes("192.0.2.1"));
    assert_text("192.0.2.1/32", prefixes("[192.0.2.1]"));
    assert_text("192.0.2.1/32", prefixes("192.0.2.1/255.255.255.255"));
    assert_text("0.0.0.0/0", prefixes("0.0.0.0/0.0.0.0"));
    assert_text("192.0.2.0/24", prefixes("192.0.2.0\xc2\xa0/\xc2\xa0"
                                         "24"));
  }

  void takes_every_ipv6_form() {
    assert_text("2001:db8::/32", prefixes("2001:db8::/32"));
    assert_text("2001:db8::/32", prefixes("2001:0DB8:0:0:0:0:0:0 / 32"));
    assert_text("2001:db8::1/128", prefixes("[IPv6:2001:db8::1]"));
    assert_text("2001:db8::1/128", prefixes("[2001:db8:0:0::1]"));
    assert_text("2001:db8::1/128", prefixes("ipv6:2001:DB8::1"));
    assert_text("2001:db8::/64", prefixes("[IPv6:2001:db8::]/64"));
    assert_text("::/0", prefixes("::/0"));
    assert_text("192.0.2.1/32", prefixes("::ffff:192.0.2.1"));
    assert_text("192.0.2.1/32", prefixes("::FFFF:c000:201"));
    assert_text("192.0.2.0/24", prefixes("::ffff:192.0.2.0/120"));
    assert_text("2001:db8::c000:201/128", prefixes("2001:db8::192.0.2.1"));
  }

  void splits_ranges() {
    assert_text("64.182.140.0/24", prefixes("64.182.140.0-255"));
    assert_text("64.182.140.0/24", prefixes("64.182.140.0 \xe2\x80\x93 64.182.140.255"));
    assert_text("192.0.2.10/31 192.0.2.12/30 192.0.2.16/28 192.0.2.32/27 192.0.2.64/29 192.0.2.72/30 192.0.2.76/31",
                prefixes("192.0.2.10-192.0.2.77"));
    assert_text("192.0.2.7/32", prefixes("192.0.2.7-7"));
    assert_text("0.0.0.0/0", prefixes("0.0.0.0-255.255.255.255"));
    assert_text("2001:db8::/127 2001:db8::2/128", prefixes("2001:db8::-2001:db8::2"));
    assert_text("::/0", prefixes("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
  }

  void warns_of_what_it_changed() {
    assert_text("", warnings("192.0.2.0/24"));
    assert_text("\"192.0.2.77/24\" has bits set behind its length; taken as 192.0.2.0/24", warnings("192.0.2.77/24"));
    assert_text("\"192.0.2.1/255.255.255.0\" has bits set behind its length; taken as 192.0.2.0/24",
                warnings("192.0.2.1/255.255.255.0"));
    assert_text("\"2001:db8::1/32\" has bits set behind its length; taken as 2001:db8::/32",
                warnings("2001:db8::1/32"));
    assert_text("\"0.0.0.0/0\" covers every IPv4 address", warnings("0.0.0.0/0"));
    assert_text("\"::/0\" covers every IPv6 address", warnings("::/0"));
  }

  void refuses_with_the_reason() {
    says(prefixes(""), "nothing is there");
    says(prefixes("192.0.2.0/33"), "above 32");
    says(prefixes("2001:db8::/129"), "above 128");
    says(prefixes("192.0.2.0/"), "expected a length or a mask");
    says(prefixes("192.0.2.0/+24"), "expected a length or a mask");
    says(prefixes("192.0.2.0/024"), "leading zeros");
    says(prefixes("192.0.02.0/24"), "leading zeros");
    says(prefixes("192.0.2/24"), "expected four numbers, not 3");
    says(prefixes("192.0.2.256"), "above 255");
    says(prefixes("192.0..1"), "a number is missing");
    says(prefixes("192.0.2.0/255.0.255.0"), "not all in front");
    says(prefixes("192.0.2.0/0.0.0.255"), "write /24");
    says(prefixes("2001:db8::/255.255.0.0"), "does not go with");
    says(prefixes("fe80::1%eth0"), "zone");
    says(prefixes("2001:db8::1::"), "expected IPv6");
    says(prefixes("mail.example.com"), "expected an address like");
    says(prefixes("::ffff:192.0.2.0/24"), "from 96 to 128");
    says(prefixes("192.0.2.9-192.0.2.3"), "end is before its start");
    says(prefixes("192.0.2.0-256"), "0 to 255");
    says(prefixes("192.0.2.0-2001:db8::1"), "two families");
    says(prefixes("192.0.2.0-255/24"), "both - and /");
    says(prefixes("192.0.2.0/24 192.0.3.0/24"), "its mask: \"24 192.0.3.0/24\"");
    says(prefixes(std::string("192.0.2.1\0garbage", 17)), "is not a network");
    says(prefixes(std::string(5000, '1')), "too long");
    says(prefixes("IPv6:192.0.2.1"), "is not a network");
  }

  void reads_values() {
    assert_text("192.0.2.0/24 allow", rows("192.0.2.0/24", ""));
    assert_text("192.0.2.0/24 deny", rows("192.0.2.0/24", " DENY "));
    assert_text("192.0.2.0/24 outbound note=our own", rows("192.0.2.0/24", "outbound note= our own"));
    assert_text("192.0.2.0/24 allow from=2007-08-15T00:00:00Z until=2007-08-16T00:00:00Z note=x # y",
                rows("192.0.2.0/24", "until=2007-08-16 FROM=2007-08-15T02:00:00+02:00 note=x # y"));
    assert_text("192.0.2.1/32 deny note=a, 192.0.2.2/32 deny note=a", rows("192.0.2.1-2", "deny note=a"));
  }

  void refuses_values() {
    says(rows("192.0.2.0/24", "alow"), "192.0.2.0/24: \"alow\" was not understood; expected allow, deny or outbound");
    says(rows("192.0.2.0/24", "allow deny"), "\"deny\" was not understood");
    says(rows("192.0.2.0/24", "allow from=tomorrow"), "from=: \"tomorrow\" is not a time");
    says(rows("192.0.2.0/24", "from=2007-08-15 from=2007-08-15"), "from= is there twice");
    says(rows("192.0.2.0/24", "from=2007-08-15 until=2007-08-15"), "until= is not after its from=");
    says(rows("192.0.2.0/24", "note=a\nb"), "control character");
    says(rows("192.0.2.0/24", "note=" + std::string(201, 'x')), "longer than 200");
  }

  void writes_what_it_reads() {
    for (const std::string_view value :
         {"allow", "deny note=from=2007-08-15 deny", "outbound from=2007-08-15T00:00:00Z", "deny note=\"quoted\"",
          "allow from=2007-08-15T00:00:00Z until=2030-01-01T00:00:00Z note=note=x"}) {
      assert_text("192.0.2.0/24 " + std::string(value), rows("192.0.2.0/24", value));
    }
  }

  void cuts_lines() {
    const auto cut = [](std::string_view line) {
      const NetworkLine parts = split_network_line(line);
      return std::string(parts.key) + "|" + std::string(parts.value);
    };
    assert_text("|", cut(""));
    assert_text("|", cut("  # a comment"));
    assert_text("192.0.2.0/24|", cut("192.0.2.0/24 # a comment\r"));
    assert_text("192.0.2.0 / 255.255.255.0|deny", cut("192.0.2.0 / 255.255.255.0\tdeny # why"));
    assert_text("192.0.2.0/24|allow note=rack #5 # six", cut("192.0.2.0/24 allow note=rack #5 # six "));
    assert_text("192.0.2.0/24|alow", cut("192.0.2.0/24 alow"));
    assert_text("[IPv6:2001:db8::1]|from=2007-08-15", cut("[IPv6:2001:db8::1] from=2007-08-15"));
    assert_text("192.0.2.1 \xe2\x80\x93 192.0.2.9|", cut("192.0.2.1 \xe2\x80\x93 192.0.2.9"));
    assert_text("|allow", cut("allow"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NetworksParseTest);

}  // namespace postern
