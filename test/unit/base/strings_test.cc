// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/strings.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

namespace postern {
namespace {

std::string joined(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const std::string_view part : parts) out += "[" + std::string(part) + "]";
  return out;
}
void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}

}  // namespace

class StringsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StringsTest);
  CPPUNIT_TEST(compares_without_case);
  CPPUNIT_TEST(finds_without_case);
  CPPUNIT_TEST(cuts);
  CPPUNIT_TEST(reads_numbers);
  CPPUNIT_TEST(reads_fractions);
  CPPUNIT_TEST(codes_hex);
  CPPUNIT_TEST(makes_printable);
  CPPUNIT_TEST_SUITE_END();

 public:
  void compares_without_case() {
    assert_text("abz\xc4[", lower("ABZ\xc4["));
    CPPUNIT_ASSERT(equal_nocase("Reply-To", "rEPLY-tO") && !equal_nocase("a", "ab") && !equal_nocase("[", "{"));
    CPPUNIT_ASSERT(starts_nocase("IPv6:x", "ipV6:") && !starts_nocase("IP", "ipv6:") && starts_nocase("x", ""));
  }

  void finds_without_case() {
    CPPUNIT_ASSERT_EQUAL(size_t{2}, find_nocase("abCDe", "cd"));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, find_nocase("abcABC", "ABC", 1));
    CPPUNIT_ASSERT_EQUAL(std::string_view::npos, find_nocase("abc", "abcd"));
    CPPUNIT_ASSERT_EQUAL(std::string_view::npos, find_nocase("abc", "c", 4));
    CPPUNIT_ASSERT_EQUAL(std::string_view::npos, find_nocase("abc", "a", 3));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, find_nocase("abc", "", 3));
  }

  void cuts() {
    assert_text("a b", std::string(trim(" \t\r\na b\v\f")));
    assert_text("", std::string(trim("  ")));
    assert_text("[a][b][c]", joined(words("  a\tb \n c")));
    assert_text("", joined(words(" ")));
    assert_text("[a][][b][]", joined(split("a,,b,", ',')));
    assert_text("[]", joined(split("", ',')));
    assert_text("a, b", join({"a", "b"}, ", "));
    assert_text("a, a", join({"a", "a"}, ", "));
    assert_text("", join({}, ", "));
    std::string text = "aXXbX";
    replace_all(text, "X", "XY");
    assert_text("aXYXYbXY", text);
  }

  void reads_numbers() {
    CPPUNIT_ASSERT_EQUAL(uint64_t{255}, to_uint("255", 255).value());
    CPPUNIT_ASSERT_EQUAL(UINT64_MAX, to_uint("18446744073709551615").value());
    for (const std::string_view text : {"", "256", "-1", "+1", " 1", "1 ", "1x", "99999999999999999999"}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(text), !to_uint(text, 255));
    }
  }

  void reads_fractions() {
    CPPUNIT_ASSERT_EQUAL(-1.5, to_double("-1.5").value());
    CPPUNIT_ASSERT_EQUAL(2.0, to_double("+2").value());
    for (const std::string_view text : {"", "+", "inf", "nan", "1e5", "0x1", "1,5", "+-1", "1.5 "}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(text), !to_double(text));
    }
  }

  void codes_hex() {
    assert_text("00ff7f", hex(std::string("\0\xff\x7f", 3)));
    CPPUNIT_ASSERT_EQUAL(std::string("\0\xff", 2), unhex("00Ff").value());
    CPPUNIT_ASSERT(!unhex("0") && !unhex("0g") && unhex("").value().empty());
  }

  void makes_printable() {
    assert_text("a\\x0a\\x22\\x5c\\x7f\xc3\xa4", printable("a\n\"\\\x7f\xc3\xa4"));
    assert_text("abc...", printable("abcdef", 3));
    assert_text("abc", printable("abc", 3));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(StringsTest);

}  // namespace postern
