// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.h"

#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace postern {
namespace {

std::string read(std::string_view text) {
  const auto address = parse_ip(text);
  return address ? to_string(*address) : "error: " + address.error().text;
}
std::string literal(std::string_view text) {
  const auto address = parse_ip_literal(text);
  return address ? to_string(*address) : "error";
}
void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}
IpAddress ip(std::string_view text) { return parse_ip(text).value(); }
Prefix prefix(std::string_view text, unsigned length) {
  return {masked(ip(text), length), static_cast<uint8_t>(length)};
}

}  // namespace

class IpTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(IpTest);
  CPPUNIT_TEST(reads_ipv4);
  CPPUNIT_TEST(reads_ipv6_and_writes_rfc5952);
  CPPUNIT_TEST(says_what_is_wrong);
  CPPUNIT_TEST(reads_literals);
  CPPUNIT_TEST(knows_loopback);
  CPPUNIT_TEST(masks);
  CPPUNIT_TEST(prefixes_contain);
  CPPUNIT_TEST(reads_socket_addresses);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_ipv4() {
    assert_text("192.0.2.1", read("192.0.2.1"));
    assert_text("0.0.0.0", read("0.0.0.0"));
    assert_text("255.255.255.255", read("255.255.255.255"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0xffffc0000201}, ip("192.0.2.1").low);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, ip("192.0.2.1").high);
  }

  void reads_ipv6_and_writes_rfc5952() {
    assert_text("2001:db8::1", read("2001:0DB8:0000:0000:0000:0000:0000:0001"));
    assert_text("2001:db8::1", read("2001:db8:0:0::1"));
    assert_text("::", read("0:0:0:0:0:0:0:0"));
    assert_text("::1", read("::1"));
    assert_text("2001:db8:0:1:1:1:1:1", read("2001:db8::1:1:1:1:1"));  // section 4.2.2
    assert_text("2001:db8::1:0:0:1", read("2001:db8:0:0:1:0:0:1"));    // section 4.2.3
    assert_text("192.0.2.1", read("::ffff:192.0.2.1"));
    assert_text("192.0.2.1", read("::ffff:c000:201"));
    assert_text("192.0.2.1", read("0:0:0:0:0:ffff:192.0.2.1"));
  }

  void says_what_is_wrong() {
    assert_text("error: \"\" is not an IP address: nothing is there", read(""));
    assert_text("error: \"01.2.3.4\" is not an IP address: leading zeros are not allowed", read("01.2.3.4"));
    assert_text("error: \"1.2.3\" is not an IP address: expected four numbers, not 3", read("1.2.3"));
    assert_text("error: \"1.2.3.256\" is not an IP address: a number is above 255", read("1.2.3.256"));
    assert_text("error: \"1.2.3.\" is not an IP address: a number is missing", read("1.2.3."));
    assert_text("error: \"1::2::3\" is not an IP address: expected IPv6 as in 2001:db8::1", read("1::2::3"));
    assert_text("error: \"fe80::1%lo\" is not an IP address: a zone (after %) has no meaning here",
                read("fe80::1%lo"));
    assert_text("error: \"a.example\" is not an IP address: expected an address like 192.0.2.1 or 2001:db8::1",
                read("a.example"));
    CPPUNIT_ASSERT(read(std::string(64, '1')).find("it is too long") != std::string::npos);
    CPPUNIT_ASSERT(!parse_ip(std::string("1.2.3.4\0x", 9)).ok());
    CPPUNIT_ASSERT(!parse_ip(" 1.2.3.4").ok());
  }

  void reads_literals() {
    assert_text("192.0.2.1", literal(" [192.0.2.1]\t"));
    assert_text("2001:db8::1", literal("[IPv6:2001:db8::1]"));
    assert_text("2001:db8::1", literal("[2001:db8::1]"));
    assert_text("2001:db8::1", literal("ipv6:2001:db8::1"));
    assert_text("192.0.2.1", literal("192.0.2.1"));
    assert_text("error", literal("[192.0.2.1"));
    assert_text("error", literal("IPv6:192.0.2.1"));
    assert_text("error", literal("[]"));
  }

  void knows_loopback() {
    CPPUNIT_ASSERT(ip("127.0.0.1").is_loopback());
    CPPUNIT_ASSERT(ip("::1").is_loopback());
    CPPUNIT_ASSERT(ip("::ffff:127.0.0.1").is_loopback());
    CPPUNIT_ASSERT(!ip("127.0.0.2").is_loopback());
    CPPUNIT_ASSERT(!ip("::127.0.0.1").is_loopback());
  }

  void masks() {
    assert_text("::", to_string(masked(ip("ffff::ffff"), 0)));
    assert_text("8000::", to_string(masked(ip("ffff::ffff"), 1)));
    assert_text("ffff:ffff:ffff:ffff::", to_string(masked(ip("ffff:ffff:ffff:ffff:ffff::"), 64)));
    assert_text("ffff:ffff:ffff:ffff:8000::", to_string(masked(ip("ffff:ffff:ffff:ffff:ffff::"), 65)));
    assert_text("192.0.2.128", to_string(masked(ip("192.0.2.255"), 96 + 25)));
    assert_text("::1", to_string(masked(ip("::1"), 128)));
  }

  void prefixes_contain() {
    const Prefix network = prefix("192.0.2.0", 96 + 24);
    assert_text("192.0.2.0/24", to_string(network));
    assert_text("192.0.2.255", to_string(network.last()));
    CPPUNIT_ASSERT(network.contains(ip("192.0.2.255")) && !network.contains(ip("192.0.3.0")));
    assert_text("2001:db8::/32", to_string(prefix("2001:db8::", 32)));
    assert_text("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", to_string(prefix("2001:db8::", 32).last()));
    assert_text("::/0", to_string(prefix("::", 0)));
    assert_text("0.0.0.0/0", to_string(prefix("0.0.0.0", 96)));
    CPPUNIT_ASSERT(prefix("::", 0).contains(ip("2001:db8::1")) && !prefix("::", 0).contains(ip("192.0.2.1")));
    CPPUNIT_ASSERT(prefix("0.0.0.0", 96).contains(ip("192.0.2.1")));
    CPPUNIT_ASSERT(prefix("::1", 128).contains(ip("::1")));
  }

  void reads_socket_addresses() {
    CPPUNIT_ASSERT(!ip_of(nullptr));
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(0xc0000201);
    assert_text("192.0.2.1", to_string(ip_of(reinterpret_cast<const sockaddr*>(&in)).value()));
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
    in6.sin6_addr.s6_addr[15] = 9;
    assert_text("0.0.0.9", to_string(ip_of(reinterpret_cast<const sockaddr*>(&in6)).value()));
    in.sin_family = AF_UNIX;
    CPPUNIT_ASSERT(!ip_of(reinterpret_cast<const sockaddr*>(&in)));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(IpTest);

}  // namespace postern
