// SPDX-License-Identifier: GPL-2.0-or-later
// Targets, forms, cookies and addresses as clients send them, and how often they may.
#include <cppunit/extensions/HelperMacros.h>

#include "portal/http.h"
#include "portal/rate_limit.h"
#include "portal/user_name.h"

using namespace postern;

class PortalHttpTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PortalHttpTest);
  CPPUNIT_TEST(targets);
  CPPUNIT_TEST(path_tricks);
  CPPUNIT_TEST(forms);
  CPPUNIT_TEST(utf8);
  CPPUNIT_TEST(cookies);
  CPPUNIT_TEST(forwarded);
  CPPUNIT_TEST(rates);
  CPPUNIT_TEST(rates_are_bounded);
  CPPUNIT_TEST(user_names);
  CPPUNIT_TEST_SUITE_END();

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }

  void targets() {
    const auto target = parse_target("/quarantine/message?uid=7&validity=%31&empty=");
    CPPUNIT_ASSERT(target.has_value());
    same("/quarantine/message", target->path);
    same("7", target->query.at("uid"));
    same("1", target->query.at("validity"));
    same("", target->query.at("empty"));
    same("2001:db8::1 x", parse_target("/?address=2001%3Adb8%3A%3a1+x")->query.at("address"));
  }

  void path_tricks() {
    for (const char* each :
         {"", "*", "x", "/../etc/passwd", "/a/%2e%2e/b", "//example.org/", "/a//b", "/%00", "/a%", "/%zz", "/a\\b",
          "/%5c", "/%0d%0aSet-Cookie:x", "/%ff", "/?a=%00", "/?a=%", "/?a=1&a=2", "/./x"}) {
      CPPUNIT_ASSERT_MESSAGE(each, !parse_target(each));
    }
  }

  void forms() {
    const auto form = parse_form("user=alice%40example.com&password=a%26b%3Dc+d&&x");
    CPPUNIT_ASSERT(form.has_value());
    same("alice@example.com", form->at("user"));
    same("a&b=c d", form->at("password"));
    same("", form->at("x"));
    std::string many;
    for (int i = 0; i < 65; ++i) many += "&a" + std::to_string(i) + "=1";
    CPPUNIT_ASSERT(!parse_form(many));
    CPPUNIT_ASSERT(!parse_form("a=%c3%28"));
    same("a%26b%0D%0A%C3%A4", url_escaped("a&b\r\n\xc3\xa4"));
  }

  void utf8() {
    for (const char* each : {"plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) CPPUNIT_ASSERT(is_utf8(each));
    for (const char* each : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80", "\xff"}) {
      CPPUNIT_ASSERT(!is_utf8(each));
    }
  }

  void cookies() {
    same("b", find_cookie("x=1; __Host-postern=b", "__Host-postern").value());
    CPPUNIT_ASSERT(!find_cookie("x__Host-postern=b", "__Host-postern"));
    CPPUNIT_ASSERT(!find_cookie("__Host-postern=a; __Host-postern=b", "__Host-postern"));
    CPPUNIT_ASSERT(!find_cookie("", "__Host-postern"));
  }

  void forwarded() {
    same("192.0.2.7", forwarded_client("203.0.113.9, 192.0.2.7"));
    same("2001:db8::7", forwarded_client("2001:DB8::7"));
    same("", forwarded_client("evil, <script>"));
    same("", forwarded_client(""));
  }

  void rates() {
    RateLimit limit(1, 2, 10);
    CPPUNIT_ASSERT(limit.take("a", 0) && limit.take("a", 0));
    CPPUNIT_ASSERT(!limit.take("a", 0));
    CPPUNIT_ASSERT(limit.take("b", 0));
    CPPUNIT_ASSERT(!limit.has("a", 900'000));
    CPPUNIT_ASSERT(limit.take("a", 1'100'000));
    CPPUNIT_ASSERT(!limit.take("a", 1'100'000));
    same("192.0.2.7", rate_name("192.0.2.7"));
    same(rate_name("2001:db8:0:1::1"), rate_name("2001:db8:0:1:ffff::2"));
    CPPUNIT_ASSERT(rate_name("2001:db8:0:1::1") != rate_name("2001:db8:0:2::1"));
  }

  void rates_are_bounded() {
    RateLimit limit(1, 1, 100);
    for (int i = 0; i < 10'000; ++i) CPPUNIT_ASSERT(limit.take(std::to_string(i), 0));
    CPPUNIT_ASSERT_EQUAL(size_t{100}, limit.size());
    CPPUNIT_ASSERT(!limit.take("9999", 0));
  }

  void user_names() {
    same("alice@example.com", user_of("Alice@Example.COM", "")->address);
    same("", user_of("alice", "")->address);
    same("alice", user_of("alice@example.com", "example.com")->name);
    same("alice@example.com", user_of("alice", "example.com")->address);
    CPPUNIT_ASSERT(!user_of("alice@example.org", "example.com"));
    for (const char* each : {"", "@example.com", "alice@", "a@b@example.com", "alice@example.com*master",
                             "a b@example.com", "alice\r\n@example.com", "alice%example.com",
                             "al\xc3\xaf"
                             "ce@example.com"}) {
      CPPUNIT_ASSERT_MESSAGE(each, !user_of(each, ""));
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PortalHttpTest);
