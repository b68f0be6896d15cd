// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/networks_json.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

#include "base/strings.h"

namespace postern {
namespace {

std::string rows(std::string_view text, std::string_view service = "") {
  const auto list = read_network_json("list", text, service);
  if (!list) return "error: " + list.error().text;
  std::vector<std::string> out;
  for (const NetworkRow& row : list->rows) out.push_back(to_string(row.prefix) + " " + to_value(row));
  return join(out, "\n");
}

void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}

constexpr std::string_view kMicrosoft = R"([
  {"id": 1, "serviceArea": "Exchange", "serviceAreaDisplayName": "Exchange Online", "urls": ["mail.example.com"],
   "ips": ["192.0.2.0/25", "2001:db8::/40"], "tcpPorts": "25,443", "required": true},
  {"id": 2, "serviceArea": "Common", "urls": ["*.example.net"], "required": false},
  {"id": 3, "serviceArea": "SharePoint", "ips": ["192.0.2.0/25", "198.51.100.0/24"], "required": true}
])";
constexpr std::string_view kAmazon = R"({"syncToken": "1", "createDate": "2026-11-01-00-00-00",
  "prefixes": [
    {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "AMAZON", "network_border_group": "eu-west-1"},
    {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "EC2", "network_border_group": "eu-west-1"},
    {"ip_prefix": "203.0.113.9/32", "region": "GLOBAL", "service": "AMAZON", "network_border_group": "GLOBAL"}],
  "ipv6_prefixes": [
    {"ipv6_prefix": "2001:db8:5::/48", "region": "eu-west-1", "service": "EC2",
     "network_border_group": "eu-west-1"}]})";

}  // namespace

class NetworksJsonTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworksJsonTest);
  CPPUNIT_TEST(tells_json_from_lists);
  CPPUNIT_TEST(reads_endpoints);
  CPPUNIT_TEST(reads_ranges);
  CPPUNIT_TEST(names_the_services);
  CPPUNIT_TEST(refuses_with_the_place);
  CPPUNIT_TEST_SUITE_END();

 public:
  void tells_json_from_lists() {
    CPPUNIT_ASSERT(looks_like_json(kMicrosoft));
    CPPUNIT_ASSERT(looks_like_json(kAmazon));
    CPPUNIT_ASSERT(looks_like_json("\xef\xbb\xbf \n[\n{}]"));
    CPPUNIT_ASSERT(looks_like_json("[]"));
    CPPUNIT_ASSERT(!looks_like_json("[IPv6:2001:db8::1]\n"));
    CPPUNIT_ASSERT(!looks_like_json("[192.0.2.1]\n"));
    CPPUNIT_ASSERT(!looks_like_json(""));
  }

  void reads_endpoints() {
    assert_text(
        "192.0.2.0/25 allow note=Microsoft 365 Exchange, Microsoft 365 SharePoint\n"
        "198.51.100.0/24 allow note=Microsoft 365 SharePoint\n2001:db8::/40 allow note=Microsoft 365 Exchange",
        rows(kMicrosoft));
    assert_text("192.0.2.0/25 allow note=Microsoft 365 Exchange\n2001:db8::/40 allow note=Microsoft 365 Exchange",
                rows(kMicrosoft, "exchange"));
  }

  void reads_ranges() {
    assert_text(
        "192.0.2.0/24 allow note=AMAZON, EC2\n203.0.113.9/32 allow note=AMAZON\n"
        "2001:db8:5::/48 allow note=EC2",
        rows(kAmazon));
    assert_text("192.0.2.0/24 allow note=EC2\n2001:db8:5::/48 allow note=EC2", rows(kAmazon, "ec2"));
    assert_text("192.0.2.0/28 allow\n2001:db8::/44 allow",
                rows(R"({"prefixes": [{"ipv4Prefix": "192.0.2.0/28"}, {"ipv6Prefix": "2001:db8::/44"}]})"));
    assert_text("", rows(R"({"prefixes": []})"));
  }

  void names_the_services() {
    assert_text("error: list: there is no service \"S3\"; there are AMAZON, EC2", rows(kAmazon, "S3"));
    assert_text("error: list: there is no service \"S3\"; there are none", rows("[]", "S3"));
  }

  void refuses_with_the_place() {
    assert_text("error: list:2: not JSON (at byte 15)", rows("{\"prefixes\":\n[,"));
    assert_text(
        "error: list: expected the endpoints of Microsoft 365 (an array) or ranges like those of AWS (an object "
        "with \"prefixes\")",
        rows("{}"));
    assert_text("error: list: [0]: expected an object with \"serviceArea\" and perhaps \"ips\"", rows("[{}]"));
    assert_text("error: list: [0].ips[1]: expected a network as text",
                rows(R"([{"serviceArea":"x","ips":["::/8",5]}])"));
    assert_text("error: list: [0].ips: expected an array", rows(R"([{"serviceArea":"x","ips":5}])"));
    assert_text("error: list: prefixes[0]: \"192.0.2.0/99\" is not a network: its length is above 32",
                rows(R"({"prefixes":[{"ip_prefix":"192.0.2.0/99","service":"x"}]})"));
    assert_text("error: list: ipv6_prefixes[0]: expected an object with \"ip_prefix\" or \"ipv6_prefix\"",
                rows(R"({"ipv6_prefixes":[7]})"));
    assert_text("error: list: prefixes[0]: expected a service as text",
                rows(R"({"prefixes":[{"ip_prefix":"192.0.2.0/24","service":5}]})"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NetworksJsonTest);

}  // namespace postern
