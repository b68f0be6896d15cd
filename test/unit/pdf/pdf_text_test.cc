// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "pdf/pdf_text.h"
#include "test/data/mail.h"

namespace postern {

class PdfTextTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PdfTextTest);
  CPPUNIT_TEST(reads_strings_in_all_encodings);
  CPPUNIT_TEST(survives_broken_utf16);
  CPPUNIT_TEST(reads_xmp_elements_lists_and_attributes);
  CPPUNIT_TEST(keeps_what_info_said);
  CPPUNIT_TEST(reads_the_size_of_jpeg_2000);
  CPPUNIT_TEST(reads_the_size_of_jbig2);
  CPPUNIT_TEST(tells_random_characters_from_prose);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_strings_in_all_encodings() {
    CPPUNIT_ASSERT_EQUAL(std::string("plain"), pdf_string("plain"));
    CPPUNIT_ASSERT_EQUAL(std::string("caf\xc3\xa9"), pdf_string("caf\xe9"));
    CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa9"), pdf_string(std::string_view("\xfe\xff\x00\xe9", 4)));
    CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa9"), pdf_string(std::string_view("\xff\xfe\xe9\x00", 4)));
    CPPUNIT_ASSERT_EQUAL(std::string("\xc3\xa9"), pdf_string("\xef\xbb\xbf\xc3\xa9"));
    CPPUNIT_ASSERT_EQUAL(std::string("\xf0\x9f\x93\xa7"), pdf_string("\xfe\xff\xd8\x3d\xdc\xe7"));
  }

  void survives_broken_utf16() {
    CPPUNIT_ASSERT_EQUAL(std::string("\xef\xbf\xbd"), pdf_string("\xfe\xff\xd8\x3d"));
    CPPUNIT_ASSERT_EQUAL(std::string(), pdf_string("\xfe\xff\xd8"));
  }

  void reads_xmp_elements_lists_and_attributes() {
    PdfFacts facts;
    read_xmp(
        "<rdf:Description pdf:Producer=\"Made Up 1.0\"><xmp:CreatorTool> Tool </xmp:CreatorTool>"
        "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">A title</rdf:li></rdf:Alt></dc:title>",
        facts);
    CPPUNIT_ASSERT_EQUAL(std::string("Made Up 1.0"), facts.producer);
    CPPUNIT_ASSERT_EQUAL(std::string("Tool"), facts.creator);
    CPPUNIT_ASSERT_EQUAL(std::string("A title"), facts.title);
    PdfFacts none;
    read_xmp("<dc:title><rdf:li", none);
    CPPUNIT_ASSERT_EQUAL(std::string(), none.title);
  }

  void keeps_what_info_said() {
    PdfFacts facts;
    facts.title = "from Info";
    read_xmp("<dc:title>other</dc:title>", facts);
    CPPUNIT_ASSERT_EQUAL(std::string("from Info"), facts.title);
  }

  void reads_the_size_of_jpeg_2000() {
    const std::string_view header(
        "\xff\x4f\xff\x51\x00\x2f\x00\x00\x00\x01\x00\x00\x00\x00\x80\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00",
        24);
    CPPUNIT_ASSERT_EQUAL(uint64_t{65536} * 32768, jpx_pixels("box" + std::string(header)));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, jpx_pixels(header.substr(0, 20)));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, jpx_pixels("nothing"));
  }

  void reads_the_size_of_jbig2() {
    const std::string head("\x00\x00\x00\x00\x30\x00\x01\x00\x00\x00\x13", 11);
    CPPUNIT_ASSERT_EQUAL(uint64_t{65535} * 256,
                         jbig2_pixels(head + std::string("\x00\x00\xff\xff\x00\x00\x01\x00", 8)));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, jbig2_pixels(head + std::string("\x00\x00\xff\xff\xff\xff\xff\xff", 8)));
    const std::string other(
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
        "ab",
        13);  // a dictionary of symbols first
    CPPUNIT_ASSERT_EQUAL(uint64_t{4} * 8,
                         jbig2_pixels(other + head + std::string("\x00\x00\x00\x04\x00\x00\x00\x08", 8)));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, jbig2_pixels(head));
  }

  void tells_random_characters_from_prose() {
    testdata::Random random(7);
    CPPUNIT_ASSERT(random_share(testdata::sentences(20, random)) < 0.05);
    std::string noise;
    for (int i = 0; i < 60; ++i)
      noise += random.text(8, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + " ";
    CPPUNIT_ASSERT(random_share(noise) > 0.5);
    CPPUNIT_ASSERT_EQUAL(0.0, random_share("xQzWk"));  // too little to judge
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PdfTextTest);

}  // namespace postern
