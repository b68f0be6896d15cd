// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <vector>

#include "pdf/fingerprint.h"
#include "test/data/documents.h"
#include "test/data/picture.h"

namespace postern {

namespace {

Raster raster_of(const testdata::Picture& picture) {
  Raster out(static_cast<unsigned>(picture.width()), static_cast<unsigned>(picture.height()));
  std::vector<Rgb> row(out.width());
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      const auto c = picture.at(x, y);
      row[static_cast<size_t>(x)] = {c.red, c.green, c.blue};
    }
    out.put_row(static_cast<unsigned>(y), row.data());
  }
  return out;
}

std::string print_of(const testdata::Picture& picture) { return fingerprint(raster_of(picture)).whole; }

// The least difference between what is stored for one picture and what is looked up for its copy.
unsigned least_distance(const testdata::Picture& picture, const testdata::Picture& copy) {
  const std::string stored = print_of(picture);
  const Fingerprint wanted = fingerprint(raster_of(copy));
  unsigned least = fingerprint_distance(stored, wanted.whole);
  for (const auto& moved : wanted.moved) least = std::min(least, fingerprint_distance(stored, moved));
  return least;
}

}  // namespace

class FingerprintTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(FingerprintTest);
  CPPUNIT_TEST(has_64_digits_or_none);
  CPPUNIT_TEST(survives_scaling_and_dots);
  CPPUNIT_TEST(survives_cropping);
  CPPUNIT_TEST(differs_for_other_pictures);
  CPPUNIT_TEST(counts_bits);
  CPPUNIT_TEST(describes_text_and_photographs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void has_64_digits_or_none() {
    testdata::Random random(1);
    CPPUNIT_ASSERT_EQUAL(size_t{64}, print_of(testdata::pitch(random)).size());
    CPPUNIT_ASSERT_EQUAL(std::string(), print_of(testdata::Picture(300, 200, {255, 255, 255})));
    CPPUNIT_ASSERT_EQUAL(std::string(), print_of(testdata::Picture(4, 4, {0, 0, 0})));
  }

  void survives_scaling_and_dots() {
    for (uint64_t seed = 1; seed <= 10; ++seed) {
      testdata::Random random(seed);
      const testdata::Picture original = testdata::pitch(random);
      const std::string print = print_of(original);
      CPPUNIT_ASSERT(fingerprint_distance(print, print_of(testdata::scaled(original, 1.2))) <= 24);
      testdata::Picture dotted = original;
      testdata::add_dots(dotted, 0.03, random);
      CPPUNIT_ASSERT(fingerprint_distance(print, print_of(dotted)) <= 32);
    }
  }

  void survives_cropping() {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      testdata::Random random(seed);
      const testdata::Picture original = testdata::pitch(random);
      const int width = original.width(), height = original.height();
      const int dx = width / 50, dy = height / 50;
      CPPUNIT_ASSERT(least_distance(original, testdata::cropped(original, 0.02)) <= 32);
      CPPUNIT_ASSERT(least_distance(original, testdata::cropped(original, 0.04)) <= 32);
      const auto corner = testdata::cut(original, dx, dy, width - dx, height - dy);
      CPPUNIT_ASSERT(least_distance(original, corner) <= 38);
      CPPUNIT_ASSERT(least_distance(corner, original) <= 38);
    }
  }

  void differs_for_other_pictures() {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      testdata::Random first(seed), second(seed + 100);
      CPPUNIT_ASSERT(least_distance(testdata::office_page(60, first), testdata::office_page(60, second)) > 40);
    }
    testdata::Random one(11), two(12);
    CPPUNIT_ASSERT(fingerprint_distance(print_of(testdata::photograph(320, 240, one)),
                                        print_of(testdata::photograph(320, 240, two))) > 80);
  }

  void counts_bits() {
    const std::string zero(64, '0');
    std::string other = zero;
    other[5] = '7';
    CPPUNIT_ASSERT_EQUAL(0U, fingerprint_distance(zero, zero));
    CPPUNIT_ASSERT_EQUAL(3U, fingerprint_distance(zero, other));
    CPPUNIT_ASSERT_EQUAL(256U, fingerprint_distance(zero, "short"));
    CPPUNIT_ASSERT_EQUAL(256U, fingerprint_distance("", ""));
  }

  void describes_text_and_photographs() {
    testdata::Random random(3);
    ImageFacts text, photo;
    describe(raster_of(testdata::pitch(random)), text);
    describe(raster_of(testdata::photograph(400, 300, random)), photo);
    CPPUNIT_ASSERT(text.decoded && photo.decoded);
    CPPUNIT_ASSERT(text.paper > 0.5 && text.paper <= 1.0);
    CPPUNIT_ASSERT(photo.paper < 0.4);
    CPPUNIT_ASSERT(text.text_lines >= 3 && text.text_lines <= 16);
    CPPUNIT_ASSERT(text.line_height > 0.02);
    CPPUNIT_ASSERT(photo.colours > text.colours);
    testdata::Picture framed = testdata::pitch(random);
    testdata::add_border(framed, 0.05, random);
    ImageFacts noisy;
    describe(raster_of(framed), noisy);
    CPPUNIT_ASSERT(noisy.border_noise > 0.3);
    CPPUNIT_ASSERT(text.border_noise < 0.1);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(FingerprintTest);

}  // namespace postern
