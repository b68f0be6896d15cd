// SPDX-License-Identifier: GPL-2.0-or-later
// What a page draws besides pictures, as it stands on the thumbnail.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "pdf/coverage.h"
#include "pdf/pdf.h"

namespace postern {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void line(Coverage& coverage, const std::vector<Point>& corners) {
  for (size_t i = 0; i < corners.size(); ++i) coverage.edge(corners[i], corners[(i + 1) % corners.size()]);
}

void square(Coverage& coverage, double from, double to) {
  line(coverage, {{from, from}, {to, from}, {to, to}, {from, to}});
}

// Shares of all pixels of an 8 x 8 picture.
std::vector<double> taken(Coverage& coverage, bool even_odd = false) {
  std::vector<double> out(64);
  coverage.take(even_odd, [&out](unsigned x, unsigned y, double share) { out.at(y * 8 + x) = share; });
  return out;
}

double sum(const std::vector<double>& all) {
  double out = 0;
  for (const double each : all) out += each;
  return out;
}

// A page of 100 x 100 points; the thumbnail has 5.12 pixels for a point.
GreyPicture page(const std::string& content, const std::string& entries = "") {
  const std::string file =
      "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
      "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
      "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] " +
      entries +
      " /Contents 4 0 R /Resources << /Font << "
      "/F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> "
      "/T << /Type /Font /Subtype /Type3 /FontMatrix [1 0 0 1 0 0] /FontBBox [0 0 10 10] /FirstChar 97 /LastChar 97 "
      "/Widths [10] /CharProcs << /a 5 0 R >> /Encoding << /Type /Encoding /Differences [97 /a] >> >> >> >> "
      ">>\nendobj\n"
      "4 0 obj\n<< /Length " +
      std::to_string(content.size()) + " >>\nstream\n" + content +
      "\nendstream\nendobj\n"
      "5 0 obj\n<< /Length 7 >>\nstream\n10 0 d0\nendstream\nendobj\n"
      "trailer << /Root 1 0 R /Size 6 >>\n%%EOF\n";
  GreyPicture out;
  pdf_facts(file, {}, Deadline::after(Millis(120'000)), &out);
  return out;
}

// The brightness at a place in points, from the page's lower left corner as its content has it.
int light(const GreyPicture& picture, double x, double y) {
  CPPUNIT_ASSERT(!picture.empty());
  const auto column = static_cast<size_t>(x * 5.12), row = static_cast<size_t>((100 - y) * 5.12);
  return static_cast<unsigned char>(picture.pixels.at(row * picture.width + column));
}

}  // namespace

class ThumbnailTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ThumbnailTest);
  CPPUNIT_TEST(measures_areas);
  CPPUNIT_TEST(knows_both_rules);
  CPPUNIT_TEST(endures_any_edge);
  CPPUNIT_TEST(fills_and_clips);
  CPPUNIT_TEST(strokes);
  CPPUNIT_TEST(draws_bars_for_text);
  CPPUNIT_TEST(turns_with_the_page);
  CPPUNIT_TEST(stays_empty_where_nothing_is_seen);
  CPPUNIT_TEST_SUITE_END();

 public:
  void measures_areas() {
    Coverage coverage(8, 8);
    square(coverage, 1.5, 3.25);
    const std::vector<double> all = taken(coverage);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(1.75 * 1.75, sum(all), 1e-3);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0.25, all[1 * 8 + 1], 1e-3);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(1, all[2 * 8 + 2], 1e-3);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0.25, all[2 * 8 + 3], 1e-3);
    CPPUNIT_ASSERT_EQUAL(0.0, sum(taken(coverage)));  // it was forgotten
    line(coverage, {{0.3, 0.2}, {7.9, 1.4}, {2.2, 7.7}});  // either way round
    const double area = std::fabs((7.6 * 7.5) - (1.9 * 1.2)) / 2;
    CPPUNIT_ASSERT_DOUBLES_EQUAL(area, sum(taken(coverage)), 1e-2);
    line(coverage, {{2.2, 7.7}, {7.9, 1.4}, {0.3, 0.2}});
    CPPUNIT_ASSERT_DOUBLES_EQUAL(area, sum(taken(coverage)), 1e-2);
  }

  void knows_both_rules() {
    Coverage coverage(8, 8);
    for (const bool even_odd : {false, true}) {
      square(coverage, 1, 7);
      square(coverage, 3, 5);
      CPPUNIT_ASSERT_DOUBLES_EQUAL(even_odd ? 32 : 36, sum(taken(coverage, even_odd)), 1e-3);
      square(coverage, 1, 7);
      line(coverage, {{3, 3}, {3, 5}, {5, 5}, {5, 3}});  // the other way round: a hole
      CPPUNIT_ASSERT_DOUBLES_EQUAL(32, sum(taken(coverage, even_odd)), 1e-3);
    }
  }

  void endures_any_edge() {
    constexpr double kMost = std::numeric_limits<double>::max();
    const std::vector<double> values{-kMost, -1e9, -3, -1e-300, 0, 0.5, 7.999999, 8, 8.5, 1e9, kMost, kNan,
                                     std::numeric_limits<double>::infinity()};
    Coverage coverage(8, 8);
    for (const double a : values) {
      for (const double b : values) {
        for (const double c : values) {
          line(coverage, {{a, b}, {c, a}, {b, c}});
          for (const double share : taken(coverage)) CPPUNIT_ASSERT(share >= 0 && share <= 1);
        }
      }
    }
    square(coverage, -1e6, 1e6);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(64, sum(taken(coverage)), 1e-3);
    square(coverage, 9, 20);
    CPPUNIT_ASSERT_EQUAL(0.0, sum(taken(coverage)));
    coverage.edge({2, kNan}, {3, 4});
    CPPUNIT_ASSERT_EQUAL(0.0, sum(taken(coverage)));
  }

  void fills_and_clips() {
    const GreyPicture filled = page("0.5 g 10 10 30 30 re f 0 g 60 60 m 60 90 90 90 90 60 c f");
    CPPUNIT_ASSERT(filled.width == 512 && filled.height == 512);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(128, light(filled, 25, 25), 1);
    CPPUNIT_ASSERT_EQUAL(255, light(filled, 45, 25));
    CPPUNIT_ASSERT_EQUAL(0, light(filled, 75, 80));   // below the top of the curve
    CPPUNIT_ASSERT_EQUAL(255, light(filled, 62, 88)); // outside of it
    const GreyPicture ring = page("0 g 10 10 80 80 re 30 30 40 40 re f* q 40 40 20 5 re W n 0 0 100 100 re f Q");
    CPPUNIT_ASSERT_EQUAL(0, light(ring, 20, 50));
    CPPUNIT_ASSERT_EQUAL(0, light(ring, 50, 42));
    CPPUNIT_ASSERT_EQUAL(255, light(ring, 50, 50));
  }

  void strokes() {
    const GreyPicture lines = page("4 w 10 50 m 90 50 l S 0 w 20 10 m 20 40 l S 1 0 0 RG 4 w 60 60 20 20 re S");
    CPPUNIT_ASSERT_EQUAL(0, light(lines, 50, 50));
    CPPUNIT_ASSERT_EQUAL(255, light(lines, 50, 54));
    CPPUNIT_ASSERT(light(lines, 20, 25) < 128);  // the thinnest line is seen
    CPPUNIT_ASSERT_DOUBLES_EQUAL(76, light(lines, 60, 70), 3);
    CPPUNIT_ASSERT_EQUAL(255, light(lines, 70, 70));
  }

  void draws_bars_for_text() {
    const GreyPicture text = page("BT /F 20 Tf 10 60 Td (ooo  ooo) Tj ET BT 3 Tr /F 20 Tf 10 20 Td (ooo) Tj ET");
    CPPUNIT_ASSERT_DOUBLES_EQUAL(127, light(text, 14, 65), 3);
    CPPUNIT_ASSERT_EQUAL(255, light(text, 14, 72));  // above a small letter
    CPPUNIT_ASSERT_EQUAL(255, light(text, 49, 65));  // blanks
    CPPUNIT_ASSERT_EQUAL(255, light(text, 14, 25));  // what cannot be seen is not shown
    const GreyPicture drawn = page("BT /T 1 Tf 10 60 Td (a) Tj ET");
    CPPUNIT_ASSERT_DOUBLES_EQUAL(127, light(drawn, 14, 63), 3);
    CPPUNIT_ASSERT_EQUAL(255, light(drawn, 14, 67));
  }

  void turns_with_the_page() {
    const GreyPicture turned = page("10 10 20 20 re f", "/Rotate 90");
    CPPUNIT_ASSERT_EQUAL(0, light(turned, 20, 80));
    CPPUNIT_ASSERT_EQUAL(255, light(turned, 20, 20));
  }

  void stays_empty_where_nothing_is_seen() {
    for (const char* content :
         {"", "1 g 0 0 100 100 re f", "0 0 m 10 10 l n", "BT 3 Tr /F 20 Tf 10 20 Td (ooo) Tj ET"}) {
      CPPUNIT_ASSERT_MESSAGE(content, page(content).empty());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ThumbnailTest);

}  // namespace postern
