// SPDX-License-Identifier: GPL-2.0-or-later
// The envelope tag: its form, for whom and how long it counts, and what it is worth.
#include <cppunit/extensions/HelperMacros.h>

#include "bounce/tag.h"

using namespace postern;

namespace {

constexpr UnixTime kNow = 1795521600;  // 2026-11-24T12:00:00Z, day 20781
constexpr Millis kLife{10 * 86'400'000LL};
const std::string kAlice = "alice@example.com";

KeyTable one_key(const char* id = "k1") {
  KeyTable keys;
  keys[id] = {std::string(32, 'a'), kNow - 100 * 86400, true};
  return keys;
}
std::string tagged(std::string_view address = kAlice, UnixTime when = kNow, const KeyTable& keys = one_key()) {
  return make_tag(keys, address, when, kLife).value();
}
TagCheck check(std::string_view address, UnixTime now = kNow, const KeyTable& keys = one_key()) {
  return check_tag(keys, address, now).check;
}

}  // namespace

class TagTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TagTest);
  CPPUNIT_TEST(form);
  CPPUNIT_TEST(gives_the_address_back);
  CPPUNIT_TEST(survives_other_spellings);
  CPPUNIT_TEST(altered);
  CPPUNIT_TEST(times);
  CPPUNIT_TEST(days_come_again_after_a_thousand);
  CPPUNIT_TEST(key_digits);
  CPPUNIT_TEST(keys_that_share_a_digit);
  CPPUNIT_TEST(addresses_that_carry_none);
  CPPUNIT_TEST(shapes_that_are_no_tag);
  CPPUNIT_TEST_SUITE_END();

 public:
  void form() {
    const std::string text = tagged();
    CPPUNIT_ASSERT_EQUAL(std::string("prvs=1791"), text.substr(0, 9));  // key 1, day 20791
    CPPUNIT_ASSERT_EQUAL(std::string("=alice@example.com"), text.substr(15));
    CPPUNIT_ASSERT_EQUAL(std::string::npos, text.substr(9, 6).find_first_not_of("0123456789abcdef"));
    CPPUNIT_ASSERT_EQUAL(text, tagged("<Alice@EXAMPLE.com.>").replace(16, 1, "a"));  // the MAC knows no case
  }

  void gives_the_address_back() {
    for (const char* address :
         {"alice@example.com", "Alice.B+lists@example.com", "a=b@example.com", "prvs=hello@example.com"}) {
      const TagAnswer answer = check_tag(one_key(), tagged(address), kNow);
      CPPUNIT_ASSERT(answer.check == TagCheck::kValid);
      CPPUNIT_ASSERT_EQUAL(std::string(address), answer.address);
    }
  }

  void survives_other_spellings() {
    const std::string text = tagged();
    CPPUNIT_ASSERT(check("<" + text + ">") == TagCheck::kValid);
    std::string loud = text;
    for (char& c : loud) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    CPPUNIT_ASSERT(check(loud) == TagCheck::kValid);
    CPPUNIT_ASSERT(check("@relay.example.net:" + text) == TagCheck::kValid);
  }

  void altered() {
    const std::string text = tagged();
    for (size_t i = 0; i < text.size(); ++i) {
      std::string other = text;
      other[i] = other[i] == '7' ? '8' : '7';
      CPPUNIT_ASSERT_MESSAGE(other, check(other) == TagCheck::kWrong || check(other) == TagCheck::kNone);
      CPPUNIT_ASSERT(check_tag(one_key(), other, kNow).address.empty());
    }
    CPPUNIT_ASSERT(check(text.substr(0, 16) + "bob@example.com") == TagCheck::kWrong);
    CPPUNIT_ASSERT(check(text, kNow, {}) == TagCheck::kWrong);
    KeyTable other = one_key();
    other["k1"].secret = std::string(32, 'b');
    CPPUNIT_ASSERT(check(text, kNow, other) == TagCheck::kWrong);
    other["k1"].secret = "short";
    CPPUNIT_ASSERT(check(text, kNow, other) == TagCheck::kWrong);
  }

  void times() {
    const std::string text = tagged();
    CPPUNIT_ASSERT(check(text, kNow + 10 * 86400) == TagCheck::kValid);
    CPPUNIT_ASSERT(check(text, kNow + 11 * 86400) == TagCheck::kExpired);
    CPPUNIT_ASSERT_EQUAL(kAlice, check_tag(one_key(), text, kNow + 11 * 86400).address);
    CPPUNIT_ASSERT(check(text, kNow - 3 * 86400) == TagCheck::kValid);  // another node's clock
  }

  // The MAC covers the whole day, so the three digits do not come round.
  void days_come_again_after_a_thousand() {
    const std::string text = tagged();
    CPPUNIT_ASSERT(check(text, kNow + 1000 * 86400LL) == TagCheck::kWrong);
    CPPUNIT_ASSERT(check(text, kNow + 700 * 86400LL) == TagCheck::kWrong);
    for (const int days : {199, 209, 210, 218, 219, 220}) {  // over the turn from 999 to 000
      const UnixTime when = kNow + days * 86400LL;
      CPPUNIT_ASSERT(check(tagged(kAlice, when), when) == TagCheck::kValid);
      CPPUNIT_ASSERT(check(tagged(kAlice, when), when + 9 * 86400) == TagCheck::kValid);
      CPPUNIT_ASSERT(check(tagged(kAlice, when), when + 12 * 86400) == TagCheck::kExpired);
    }
  }

  void key_digits() {
    CPPUNIT_ASSERT_EQUAL('1', tag_digit("k1"));
    CPPUNIT_ASSERT_EQUAL('2', tag_digit("k12"));
    CPPUNIT_ASSERT_EQUAL('0', tag_digit("a"));
    CPPUNIT_ASSERT_EQUAL('5', tag_digit("z"));
    CPPUNIT_ASSERT_EQUAL('0', tag_digit(""));
  }

  void keys_that_share_a_digit() {
    KeyTable keys = one_key("k2");
    const std::string old = tagged(kAlice, kNow, keys);
    keys["k2"].active = false;
    keys["k12"] = {std::string(32, 'b'), kNow, true};
    const std::string fresh = tagged(kAlice, kNow, keys);
    CPPUNIT_ASSERT(old != fresh && old[5] == '2' && fresh[5] == '2');
    CPPUNIT_ASSERT(check(old, kNow, keys) == TagCheck::kValid);
    CPPUNIT_ASSERT(check(fresh, kNow, keys) == TagCheck::kValid);
  }

  void addresses_that_carry_none() {
    for (const char* address : {"", "<>", "alice", "@example.com", "\"a b\"@example.com",
                                "a123456789b123456789c123456789d123456789e12345678@example.com"}) {
      CPPUNIT_ASSERT_MESSAGE(address, !make_tag(one_key(), address, kNow, kLife).ok());
    }
    CPPUNIT_ASSERT(
        make_tag(one_key(), "a123456789b123456789c123456789d123456789e1234567@example.com", kNow, kLife).ok());
    CPPUNIT_ASSERT(!make_tag({}, kAlice, kNow, kLife).ok());
  }

  void shapes_that_are_no_tag() {
    for (const char* address : {"", "alice@example.com", "prvs=@example.com", "prvs=1791abcdef=@example.com",
                                "prvs=1791abcdef=alice", "prvs=1791abcdeg=alice@example.com",
                                "prvs=a791abcdef=alice@example.com", "prvs=17a1abcdef=alice@example.com",
                                "prvs=1791abcde=alice@example.com", "prvs=1791abcdef+alice@example.com",
                                "xprvs=1791abcdef=a@example.com", "btv1==1791abcdef==alice@example.com"}) {
      CPPUNIT_ASSERT_MESSAGE(address, !parse_tag(address));
      CPPUNIT_ASSERT_MESSAGE(address, check(address) == TagCheck::kNone);
    }
    const Tag tag = parse_tag("PRVS=1791ABCDEF=Alice@Example.COM").value();
    CPPUNIT_ASSERT_EQUAL(std::string("Alice@example.com"), tag.address);
    CPPUNIT_ASSERT_EQUAL(std::string("abcdef"), tag.mac);
    CPPUNIT_ASSERT(tag.key_digit == '1' && tag.day == 791);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TagTest);
