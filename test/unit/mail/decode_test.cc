// SPDX-License-Identifier: GPL-2.0-or-later
// The decoders against what one would write without a thought for speed, on random texts and every limit.
#include "mail/decode.h"

#include <cppunit/extensions/HelperMacros.h>

#include <random>
#include <string>

#include "base/strings.h"

namespace postern {
namespace {

Decoded plain_base64(std::string_view text, size_t max_bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Decoded out;
  std::string group;
  for (const char c : text) {
    if (c == '=') group.clear();
    if (kAlphabet.find(c) == std::string_view::npos) continue;
    group += static_cast<char>(kAlphabet.find(c));
    if (group.size() == 1) continue;
    if (out.bytes.size() >= max_bytes) {
      out.truncated = true;
      break;
    }
    const unsigned left = static_cast<unsigned char>(group[group.size() - 2]);
    const unsigned right = static_cast<unsigned char>(group.back());
    const size_t low = 2 * (group.size() - 1);  // bits of the left digit that belong to this byte
    out.bytes += static_cast<char>((left << low | right >> (6 - low)) & 0xff);
    if (group.size() == 4) group.clear();
  }
  return out;
}

// A random text of these pieces.
std::string random_text(std::mt19937& random, std::initializer_list<const char*> pieces) {
  std::string text;
  for (size_t left = random() % 12; left > 0; --left) text += *(pieces.begin() + random() % pieces.size());
  return text;
}

}  // namespace

class DecodeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(DecodeTest);
  CPPUNIT_TEST(base64);
  CPPUNIT_TEST(quoted_printable_stops_at_its_limit);
  CPPUNIT_TEST_SUITE_END();

 public:
  void base64() {
    std::mt19937 random(1);
    for (int round = 0; round < 20'000; ++round) {
      const std::string text =
          random_text(random, {"aGVs", "bG8", "/+9A", "=", "==", "\r\n", "\n", " ", "!", "\xff", "A"});
      for (size_t limit = 0; limit <= text.size(); ++limit) {
        const Decoded wanted = plain_base64(text, limit);
        const Decoded found = decode_base64(text, limit);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, hex(wanted.bytes), hex(found.bytes));
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, wanted.truncated, found.truncated);
      }
    }
  }

  // What a limit leaves is the start of the whole, and it says so where anything but the end was left.
  void quoted_printable_stops_at_its_limit() {
    std::mt19937 random(2);
    for (int round = 0; round < 20'000; ++round) {
      const std::string text = random_text(random, {"abc", "=3D", "=", "= \r\n", "=\n", "_", "=4", "z", " "});
      const bool in_header = round % 2 == 0;
      const std::string whole = decode_quoted_printable(text, text.size() + 1, in_header).bytes;
      for (size_t limit = 0; limit <= whole.size(); ++limit) {
        const Decoded found = decode_quoted_printable(text, limit, in_header);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, whole.substr(0, limit), found.bytes);
        CPPUNIT_ASSERT_MESSAGE(text, found.truncated || limit == whole.size());
      }
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DecodeTest);

}  // namespace postern
