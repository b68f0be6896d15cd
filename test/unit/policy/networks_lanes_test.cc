// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_lanes.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <random>

namespace postern {
namespace {

constexpr uint32_t kIgnored = 7;

class NetworksLanesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(NetworksLanesTest);
  CPPUNIT_TEST(tells_which_words_cover);
  CPPUNIT_TEST(all_at_once_agrees_with_one_by_one);
  CPPUNIT_TEST_SUITE_END();

  void tells_which_words_cover() {
    std::array<uint16_t, kLanes<uint16_t>> words{};  // a word of nothing but ignored bits covers nothing
    words[3] = 0x4000 | 5;                           // the whole cell
    words[7] = 0x5800;                               // begins 0 01
    words[15] = 0x5808;                              // 0 01 1000 0000, all that a word can tell
    CPPUNIT_ASSERT_EQUAL(1U << 3 | 1U << 7 | 1U << 15, covering_lanes<uint16_t>(words.data(), 0x5801, kIgnored));
    CPPUNIT_ASSERT_EQUAL(1U << 3 | 1U << 7, covering_lanes<uint16_t>(words.data(), 0x5012, kIgnored));
    CPPUNIT_ASSERT_EQUAL(1U << 3, covering_lanes<uint16_t>(words.data(), 0x7fff, kIgnored));
  }

  template <class Word>
  void compare() {
    std::mt19937_64 random(3);
    std::array<Word, kLanes<Word>> words{};
    uint32_t covered = 0;
    for (int round = 0; round < 100'000; ++round) {
      for (Word& word : words) {
        const auto marker = static_cast<Word>(1U << (3 + random() % (sizeof(Word) * 8 - 4)));
        word = static_cast<Word>((random() & ~(uint64_t{marker} - 1) & (static_cast<Word>(~Word{0}) >> 1)) | marker |
                                 (random() & kIgnored));
      }
      const auto wanted = static_cast<Word>((random() % 2 == 0 ? words[random() % words.size()] : random()) &
                                            (static_cast<Word>(~Word{0}) >> 1));
      const uint32_t expected = covering_lanes_plain<Word>(words.data(), wanted, kIgnored);
      CPPUNIT_ASSERT_EQUAL(expected, covering_lanes<Word>(words.data(), wanted, kIgnored));
      covered |= expected;
    }
    CPPUNIT_ASSERT_EQUAL((uint64_t{1} << kLanes<Word>)-1, uint64_t{covered});
  }
  void all_at_once_agrees_with_one_by_one() {
    compare<uint16_t>();
    compare<uint32_t>();
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NetworksLanesTest);

}  // namespace
}  // namespace postern
