// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/pixel_loops.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "pdf/raster.h"
#include "test/data/random.h"

namespace postern {

namespace {

using testdata::Random;

// Brightness at random, with even areas, and rubbish behind it.
struct Sample {
  Sample(unsigned w, unsigned h, uint64_t seed) : width(w), height(h), bytes(size_t{w} * h + kPixelSlack) {
    Random random(seed);
    uint8_t light = 255;
    for (uint8_t& byte : bytes) {
      if (random.chance(0.3)) light = static_cast<uint8_t>(random.between(0, 255));
      byte = light;
    }
  }
  PixelRows rows() const { return {bytes.data(), width, height, width}; }
  int at(unsigned x, unsigned y) const { return bytes[size_t{y} * width + x]; }
  unsigned width, height;
  std::vector<uint8_t> bytes;
};

std::vector<Sample> samples() {
  std::vector<Sample> out;
  for (const unsigned width : {1U, 2U, 3U, 8U, 15U, 16U, 17U, 31U, 33U, 34U, 64U, 65U, 100U, 257U}) {
    for (const unsigned height : {1U, 2U, 3U, 20U, 61U}) out.emplace_back(width, height, width * 1000 + height);
  }
  return out;
}

std::vector<float> numbers(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> out(count);
  for (float& number : out) number = static_cast<float>(random.between(-100.0, 100.0));
  return out;
}

constexpr int kThan = 20;

// What the loops must find, one pixel after the other.
int despeckled(const Sample& of, unsigned x, unsigned y) {
  const int light = of.at(x, y);
  if (x == 0 || y == 0 || x + 1 >= of.width || y + 1 >= of.height) return light;
  const int up = of.at(x, y - 1), down = of.at(x, y + 1), left = of.at(x - 1, y), right = of.at(x + 1, y);
  const bool dark = light + kThan < std::min({up, down, left, right});
  const bool bright = light - kThan > std::max({up, down, left, right});
  return dark || bright ? (up + down + left + right) / 4 : light;
}

PixelSteps steps_of(const Sample& of, unsigned rim_x, unsigned rim_y, bool rim) {
  PixelSteps out;
  for (unsigned y = 1; y + 1 < of.height; ++y) {
    for (unsigned x = 1; x + 1 < of.width; ++x) {
      const bool outside = y < rim_y || y + rim_y >= of.height || x < rim_x || x + rim_x >= of.width;
      if (outside != rim) continue;
      const auto apart = [&](unsigned x2, unsigned y2) { return std::abs(of.at(x, y) - of.at(x2, y2)) > kThan; };
      ++out.pixels;
      if (!apart(x + 1, y)) continue;
      ++out.sharp;
      out.alone += apart(x - 1, y) && apart(x, y - 1) && apart(x, y + 1) ? 1 : 0;
    }
  }
  return out;
}

void assert_equal(const PixelSteps& expected, const PixelSteps& found) {
  CPPUNIT_ASSERT_EQUAL(expected.pixels, found.pixels);
  CPPUNIT_ASSERT_EQUAL(expected.sharp, found.sharp);
  CPPUNIT_ASSERT_EQUAL(expected.alone, found.alone);
}

}  // namespace

class PixelLoopsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PixelLoopsTest);
  CPPUNIT_TEST(takes_specks_out);
  CPPUNIT_TEST(counts_steps);
  CPPUNIT_TEST(counts_changes_and_neighbours);
  CPPUNIT_TEST(adds_rows);
  CPPUNIT_TEST(adds_and_multiplies);
  CPPUNIT_TEST(finds_moments);
  CPPUNIT_TEST(finds_the_median);
  CPPUNIT_TEST(finds_lights);
  CPPUNIT_TEST(finds_colours);
  CPPUNIT_TEST(gives_the_same_everywhere);
  CPPUNIT_TEST_SUITE_END();

  const std::vector<const PixelLoops*> both_{&plain_pixel_loops(), &pixel_loops()};

 public:
  void takes_specks_out() {
    for (const PixelLoops* loops : both_) {
      for (const Sample& sample : samples()) {
        std::vector<uint8_t> out(sample.width + kPixelSlack);
        for (unsigned y = 0; y < sample.height; ++y) {
          const uint8_t* const row = loops->despeckle(sample.rows(), y, kThan, out.data());
          for (unsigned x = 0; x < sample.width; ++x) CPPUNIT_ASSERT_EQUAL(despeckled(sample, x, y), int{row[x]});
        }
      }
    }
  }

  void counts_steps() {
    for (const PixelLoops* loops : both_) {
      for (const Sample& sample : samples()) {
        const unsigned rim_x = std::max(1U, sample.width / 20), rim_y = std::max(1U, sample.height / 20);
        PixelSteps inner, rim;
        loops->count_steps(sample.rows(), rim_x, rim_y, kThan, inner, rim);
        assert_equal(steps_of(sample, rim_x, rim_y, false), inner);
        assert_equal(steps_of(sample, rim_x, rim_y, true), rim);
      }
    }
  }

  void counts_changes_and_neighbours() {
    for (const PixelLoops* loops : both_) {
      for (const Sample& sample : samples()) {
        std::vector<unsigned> found(sample.height);
        const uint64_t found_near = loops->count_ink(sample.rows(), 200, 9, kThan, found.data());
        uint64_t near = 0;
        for (unsigned y = 0; y < sample.height; ++y) {
          unsigned changes = 0;
          bool before = false;
          for (unsigned x = 0; x < sample.width; ++x) {
            const bool ink = std::abs(sample.at(x, y) - 200) > kThan;
            changes += ink != before ? 1 : 0;
            near += std::abs(sample.at(x, y) - 200) <= 9 ? 1 : 0;
            before = ink;
          }
          CPPUNIT_ASSERT_EQUAL(changes, found[y]);
        }
        CPPUNIT_ASSERT_EQUAL(near, found_near);
      }
    }
  }

  void adds_rows() {
    const float parts[] = {0.25F, 1.0F, 0.5F};
    for (const size_t count : {1U, 2U, 3U, 20U, 600U}) {
      const Sample sample(100, static_cast<unsigned>(count), 5);
      std::vector<const uint8_t*> rows;
      for (size_t y = 0; y < count; ++y) rows.push_back(sample.bytes.data() + y * sample.width);
      std::vector<float> sums[2];
      for (size_t i = 0; i < 2; ++i) {
        sums[i].resize(sample.width + kPixelSlack);
        both_[i]->add_rows(rows.data(), count, parts, sample.width, sums[i].data());
        sums[i].resize(sample.width);
      }
      double expected = 0;
      for (unsigned y = 0; y < count; ++y)
        expected += (y == 0 ? 0.25 : y + 1 == count ? 0.5 : 1) * sample.at(99, y);
      CPPUNIT_ASSERT_DOUBLES_EQUAL(expected, sums[0][99], 0.1);
      CPPUNIT_ASSERT(sums[0] == sums[1]);
    }
  }

  void finds_moments() {
    const std::vector<float> all = numbers(64, 6);
    double expected = 0, squared = 0;
    for (const float number : all) {
      expected += double{number} - double{all[0]};
      squared += std::pow(double{number} - double{all[0]}, 2);
    }
    float sums[2], squares[2];
    for (size_t i = 0; i < 2; ++i) both_[i]->moments(all.data(), all.size(), sums[i], squares[i]);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(expected, sums[0], 0.1);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(squared, squares[0], 1.0);
    CPPUNIT_ASSERT(sums[0] == sums[1] && squares[0] == squares[1]);
  }

  void adds_and_multiplies() {
    const std::vector<float> left = numbers(64 * 16, 1), right = numbers(64 * 64, 2);
    for (const PixelLoops* loops : both_) {
      std::vector<float> cells(4), sums(64), product(16 * 64);
      loops->add_weighted(right.data(), left.data(), 64, sums.data());
      const std::vector<size_t> first{3, 40, 17, 18};
      loops->weigh(first.data(), 4, left.data(), 16, right.data(), cells.data());
      double expected = 0;
      for (size_t n = 0; n < 64; ++n) expected += double{left[n]} * double{right[n * 64 + 63]};
      CPPUNIT_ASSERT_DOUBLES_EQUAL(expected, sums[63], 1.0);
      expected = 0;
      for (size_t tap = 0; tap < 16; ++tap) expected += double{left[16 + tap]} * double{right[40 + tap]};
      CPPUNIT_ASSERT_DOUBLES_EQUAL(expected, cells[1], 0.1);
      loops->multiply({left.data(), 16, 1, right.data(), 64, 64, product.data(), 16, 64});
      expected = 0;
      for (size_t n = 0; n < 64; ++n) expected += double{left[n * 16 + 13]} * double{right[n * 64 + 62]};
      CPPUNIT_ASSERT_DOUBLES_EQUAL(expected, product[13 * 64 + 62], 1.0);
      loops->multiply({left.data(), 1, 64, right.data(), 64, 16, product.data(), 16, 16});
      expected = 0;
      for (size_t n = 0; n < 64; ++n) expected += double{left[7 * 64 + n]} * double{right[n * 16 + 5]};
      CPPUNIT_ASSERT_DOUBLES_EQUAL(expected, product[7 * 16 + 5], 1.0);
    }
  }

  void finds_the_median() {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      std::vector<float> all = numbers(256, seed);
      if (seed % 3 == 0) std::fill(all.begin() + 10, all.begin() + 200, -0.5F);
      std::vector<float> sorted = all;
      std::sort(sorted.begin(), sorted.end());
      for (const PixelLoops* loops : both_) CPPUNIT_ASSERT_EQUAL(sorted[128], loops->median(all.data()));
    }
  }

  void finds_lights() {
    for (const unsigned count : {0U, 1U, 9U, 10U, 18U, 100U}) {
      const Sample sample(3 * count, 1, count);
      for (const PixelLoops* loops : both_) {
        std::vector<uint8_t> found(count + 1, 77);
        loops->find_lights(sample.bytes.data(), count, found.data());
        for (unsigned x = 0; x < count; ++x) {
          const uint8_t* const at = sample.bytes.data() + size_t{3} * x;
          CPPUNIT_ASSERT_EQUAL(Raster::light({at[0], at[1], at[2]}), found[x]);
        }
        CPPUNIT_ASSERT_EQUAL(77, int{found[count]});
      }
    }
  }

  void finds_colours() {
    const auto bin_of = [](const PixelLoops& loops, int light, int blue, int red) {
      std::vector<int16_t> numbers[4];
      for (auto& each : numbers) each.assign(1 + kPixelSlack, 128);
      numbers[0][0] = static_cast<int16_t>(light);
      numbers[1][0] = static_cast<int16_t>(blue);
      numbers[2][0] = static_cast<int16_t>(red);
      loops.find_bins(numbers[0].data(), numbers[1].data(), numbers[2].data(), 1, numbers[3].data());
      return int{numbers[3][0]};
    };
    for (const PixelLoops* loops : both_) {
      CPPUNIT_ASSERT_EQUAL(int{Raster::bin(255, 255, 255)}, bin_of(*loops, 255, 128, 128));
      CPPUNIT_ASSERT_EQUAL(int{Raster::bin(90, 90, 90)}, bin_of(*loops, 90, 128, 128));
      CPPUNIT_ASSERT_EQUAL(int{Raster::bin(254, 0, 0)}, bin_of(*loops, 76, 85, 255));
      CPPUNIT_ASSERT_EQUAL(int{Raster::bin(0, 0, 254)}, bin_of(*loops, 29, 255, 107));
      CPPUNIT_ASSERT_EQUAL(int{Raster::bin(255, 255, 255)}, bin_of(*loops, 255, 255, 255) | 0xf0);  // no wrapping
    }
  }

  void gives_the_same_everywhere() {
    const std::vector<float> left = numbers(64 * 16, 3), right = numbers(64 * 64, 4);
    std::vector<size_t> first(40);
    std::iota(first.begin(), first.end(), 0);
    std::vector<float> products[2], cells[2];
    for (size_t i = 0; i < 2; ++i) {
      products[i].resize(16 * 64);
      cells[i].resize(first.size());
      both_[i]->multiply({left.data(), 16, 2, right.data(), 64, 64, products[i].data(), 8, 128});
      both_[i]->weigh(first.data(), first.size(), left.data(), 24, right.data(), cells[i].data());
    }
    CPPUNIT_ASSERT(products[0] == products[1]);
    CPPUNIT_ASSERT(cells[0] == cells[1]);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PixelLoopsTest);

}  // namespace postern
