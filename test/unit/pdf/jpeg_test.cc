// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "pdf/fingerprint.h"
#include "pdf/jpeg.h"
#include "pdf/pdf.h"
#include "test/data/documents.h"
#include "test/data/picture.h"

namespace postern {

class JpegTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JpegTest);
  CPPUNIT_TEST(reads_header_and_quality);
  CPPUNIT_TEST(prints_alike_at_other_qualities);
  CPPUNIT_TEST(never_decodes_what_claims_too_much);
  CPPUNIT_TEST(survives_every_truncation);
  CPPUNIT_TEST(says_what_is_no_jpeg);
  CPPUNIT_TEST(stops_at_the_deadline);
  CPPUNIT_TEST_SUITE_END();

  static Deadline soon() { return Deadline::after(Millis(10000)); }
  static testdata::Picture picture(uint64_t seed) {
    testdata::Random random(seed);
    return testdata::pitch(random);
  }

 public:
  void reads_header_and_quality() {
    for (const int quality : {30, 50, 75, 90}) {
      const ImageFacts facts = jpeg_facts(testdata::encode_jpeg(picture(1), quality), {}, soon());
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(picture(1).width()), facts.width);
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(picture(1).height()), facts.real_height);
      CPPUNIT_ASSERT_EQUAL(uint64_t{3}, facts.components);
      CPPUNIT_ASSERT(facts.jfif && !facts.exif && !facts.progressive && !facts.broken && facts.decoded);
      CPPUNIT_ASSERT(facts.quality + 3 >= static_cast<uint64_t>(quality) &&
                     facts.quality <= static_cast<uint64_t>(quality) + 3);
    }
    const auto grey = testdata::encode_jpeg(picture(1), 75, testdata::Tone::kGrey);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, jpeg_facts(grey, {}, soon()).components);
  }

  void prints_alike_at_other_qualities() {
    const auto fine = jpeg_facts(testdata::encode_jpeg(picture(2), 90), {}, soon());
    const auto coarse = jpeg_facts(testdata::encode_jpeg(picture(2), 30), {}, soon());
    CPPUNIT_ASSERT_EQUAL(size_t{64}, fine.fingerprint.size());
    CPPUNIT_ASSERT(fingerprint_distance(fine.fingerprint, coarse.fingerprint) <= 16);
  }

  void never_decodes_what_claims_too_much() {
    std::string bytes = testdata::encode_jpeg(picture(3), 75);
    const size_t frame = bytes.find("\xff\xc0");
    CPPUNIT_ASSERT(frame != std::string::npos);
    bytes.replace(frame + 5, 4, "\xff\xdc\xff\xdc");  // 65500 x 65500
    const ImageFacts facts = jpeg_facts(bytes, {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{65500}, facts.width);
    CPPUNIT_ASSERT(!facts.decoded && facts.fingerprint.empty());
  }

  void survives_every_truncation() {
    const std::string bytes = testdata::encode_jpeg(picture(4), 40);
    for (size_t length = 0; length < bytes.size(); length += 97) {
      const ImageFacts facts = jpeg_facts(std::string_view(bytes).substr(0, length), {}, soon());
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(length), facts.bytes);
    }
  }

  void says_what_is_no_jpeg() {
    CPPUNIT_ASSERT(jpeg_facts("GIF89a and more", {}, soon()).broken);
    CPPUNIT_ASSERT(jpeg_facts("", {}, soon()).broken);
  }

  void stops_at_the_deadline() {
    const ImageFacts facts = jpeg_facts(testdata::encode_jpeg(picture(5), 75), {}, Deadline::after(Millis(0)));
    CPPUNIT_ASSERT(!facts.decoded && !facts.broken);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JpegTest);

}  // namespace postern
