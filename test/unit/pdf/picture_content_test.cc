// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pdf/pdf.h"
#include "pdf/picture_content.h"
#include "test/data/pdf_writer.h"

namespace postern {

namespace {

PictureContent reduced(std::string_view content, bool text = false) {
  return picture_content(content, text, [] { return false; });
}

// All facts of a picture.
std::string text_of(const ImageFacts& facts) {
  std::ostringstream out;
  ImageFacts::each(facts, [&out](const char* name, const auto& value, const char*) {
    out << name << '=';
    if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::vector<std::string>>) {
      for (const auto& each : value) out << each << ' ';
    } else {
      out << value;
    }
    out << '\n';
  });
  return out.str();
}

const std::set<std::string> kNone;

}  // namespace

class PictureContentTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PictureContentTest);
  CPPUNIT_TEST(keeps_what_places_pictures);
  CPPUNIT_TEST(leaves_out_text_and_paths);
  CPPUNIT_TEST(leaves_out_paths_at_any_place);
  CPPUNIT_TEST(leaves_out_states_that_draw_nothing);
  CPPUNIT_TEST(keeps_text_that_is_wanted);
  CPPUNIT_TEST(tells_fonts_as_they_are_shown);
  CPPUNIT_TEST(leaves_out_what_strokes_look_like);
  CPPUNIT_TEST(tells_what_is_plain);
  CPPUNIT_TEST(tells_patterns);
  CPPUNIT_TEST(gives_up_what_may_draw_otherwise);
  CPPUNIT_TEST(gives_up_what_is_broken);
  CPPUNIT_TEST(stops_when_asked);
  CPPUNIT_TEST(later_pages_give_what_first_pages_give);
  CPPUNIT_TEST_SUITE_END();

 public:
  void keeps_what_places_pictures() {
    const PictureContent found =
        reduced("q 0.5 w 200 0 0 100 50 60 cm % a comment ) (\n/Im0 Do Q /GS1 gs\rq 1 0 0 -1 0 .5 cm/Fm1\nDo Q");
    CPPUNIT_ASSERT(!found.whole);
    CPPUNIT_ASSERT_EQUAL(
        std::string("q\n200 0 0 100 50 60 cm\n/Im0 Do\nQ\n/GS1 gs\nq\n1 0 0 -1 0 .5 cm\n/Fm1\nDo\nQ\n"),
        found.content);
    CPPUNIT_ASSERT((found.drawn == std::set<std::string>{"Fm1", "Im0"}));
    CPPUNIT_ASSERT((found.states == std::set<std::string>{"GS1"}));
    CPPUNIT_ASSERT(found.fonts == kNone);
  }

  void leaves_out_text_and_paths() {
    const PictureContent found = reduced(
        "/P <</MCID 0 /Deep [<< /A (]>>) >>]>> BDC BT /F1 12 Tf 1 0 0 1 72 720 Tm [(a\\)(b) 1 q) -20 <4A4b> 3] TJ"
        " (/Im1 Do) ' ET EMC 0 0 m 10 10 l S 1 0 0 rg /Cs1 cs 0.1 .2 -.3 scn 0 0 5 5 re W* n f*");
    CPPUNIT_ASSERT(!found.whole);
    CPPUNIT_ASSERT_EQUAL(std::string(), found.content);
    CPPUNIT_ASSERT(found.drawn == kNone && found.states == kNone);
    CPPUNIT_ASSERT((found.fonts == std::set<std::string>{"F1"}));
    CPPUNIT_ASSERT(!reduced("").whole && !reduced(" \n%only this").whole);
  }

  // Paths with much behind them are skipped in another way than the last ones of a content.
  void leaves_out_paths_at_any_place() {
    std::string much;
    for (int i = 0; i < 20; ++i) much += "0 0.25 m -10 +.5 l S ";
    const auto check = [&much](const std::string& path, bool whole) {
      for (const std::string& behind : {std::string(), much}) {
        const PictureContent found = reduced(path + '\n' + behind + "/Im0 Do");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(path, whole, found.whole);
        if (!whole) CPPUNIT_ASSERT_EQUAL_MESSAGE(path, std::string("/Im0 Do\n"), found.content);
      }
    };
    for (const char* name : {"b", "B", "b*", "B*", "c", "d", "f", "F", "f*", "h", "i", "j", "J", "l", "m", "M", "n",
                             "re", "s", "S", "sh", "v", "w", "W", "W*", "y"}) {
      check(name, false);
      check("1 2.5 -3 " + std::string(name), false);
      check("1 2" + std::string(name), true);
      check("1 2 x" + std::string(name), true);
    }
    for (const char* path : {"[]0 d", "[] 0 d", "[1 2]0 d", "1 [] 2 [] d", "1 1.2.3 --4 l", "1 2 m%c\n3 4 l",
                             "1 2 m\r3 4 l"})
      check(path, false);
    for (const char* path : {"1 2e3 l", "1 2l 3 l", "1 2 [ l", "1 2 ] l", "1 2 ) l", "1 2 l- ", "1 2 ll", "a l",
                             "\x80 l"})
      check(path, true);
    const auto many = [](size_t count, const char* operand) {
      std::string out;
      while (count-- > 0) out += operand;
      return out;
    };
    for (const char* operand : {"1 ", "[]", "1[]"}) {
      const size_t each = operand[0] == '1' && operand[1] == '[' ? 2 : 1;
      check(many(32 / each, operand) + " d", false);
      check(many(32 / each, operand) + " 1 d", true);
    }
  }

  // What is saved and restored around nothing is left out as well.
  void leaves_out_states_that_draw_nothing() {
    const PictureContent found =
        reduced("q 1 0 0 1 5 5 cm q 0 0 m 9 9 l S Q Q q 2 0 0 2 0 0 cm q 0 0 9 9 re f Q /Im0 Do Q q");
    CPPUNIT_ASSERT_EQUAL(std::string("q\n2 0 0 2 0 0 cm\n/Im0 Do\nQ\nq\n"), found.content);
    CPPUNIT_ASSERT_EQUAL(std::string(),
                         reduced("q BT /F1 9 Tf ET Q q /Span << /ActualText (x) >> BDC EMC Q EMC", true).content);
    CPPUNIT_ASSERT_EQUAL(std::string("q\n/OC /A BDC\nEMC\nQ\n"),
                         reduced("q /OC /A BDC /P BMC EMC EMC Q", true).content);
  }

  void keeps_text_that_is_wanted() {
    const PictureContent found = reduced(
        "/OC /Layer BDC q BT /F1 12 Tf 1 0 0 1 72 720 Tm 3 Tr [(a\\)b) -20 <4A>] TJ ET Q EMC 9 w 0 0 m 10 10 l S "
        "0 0 5 5 re W* n 1 0 0 rg /Im0 Do /Sh1 sh",
        true);
    CPPUNIT_ASSERT(!found.whole);
    CPPUNIT_ASSERT_EQUAL(
        std::string("/OC /Layer BDC\nq\nBT\n/F1 12 Tf\n1 0 0 1 72 720 Tm\n3 Tr\n[(a\\)b) -20 <4A>] TJ\nET\n"
                    "Q\nEMC\n1 0 0 rg\n/Im0 Do\n"),
        found.content);
    CPPUNIT_ASSERT((found.fonts == std::set<std::string>{"F1"}));
  }

  // A font that is chosen and shows nothing is not used; one comes back with the state that had it.
  void tells_fonts_as_they_are_shown() {
    CPPUNIT_ASSERT(reduced("BT /F1 9 Tf ET").fonts == kNone);
    CPPUNIT_ASSERT(reduced("BT (x) Tj ET").fonts == kNone);
    const PictureContent found = reduced("BT /F1 9 Tf q /F2 9 Tf (x) Tj Q 1 0 0 1 0 0 Tm (y) Tj /F3 8 Tf ET");
    CPPUNIT_ASSERT((found.fonts == std::set<std::string>{"F1", "F2"}));
    CPPUNIT_ASSERT((reduced("BT /F1 9 Tf q /F2 9 Tf (x) Tj Q (y) Tj ET").fonts ==
                    std::set<std::string>{"F1", "F2"}));
  }

  void leaves_out_what_strokes_look_like() {
    const PictureContent found = reduced(
        "1 0 0 RG .5 G 0 0 0 1 K /Cs1 CS 1 SC 1 0 0 0 0 0 SCN /Perceptual ri /P MP /P << >> DP BT ET 0 g /Cs2 cs",
        true);
    CPPUNIT_ASSERT(!found.whole && found.plain);
    CPPUNIT_ASSERT_EQUAL(std::string("BT\nET\n0 g\n/Cs2 cs\n"), found.content);
    CPPUNIT_ASSERT((found.spaces == std::set<std::string>{"Cs2"}));
    for (const std::string_view content : {"1 0 RG", "(x) G", "SC", "1 CS"}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(content), reduced(content, true).whole);
    }
  }

  // Which of them draw is up to who knows them.
  void tells_patterns() {
    PictureContent found = reduced("/Pattern cs /P1 scn 0 0 9 9 re f /P2 SCN");
    CPPUNIT_ASSERT(!found.whole && found.plain && found.content.empty());
    CPPUNIT_ASSERT((found.patterns == std::set<std::string>{"P1", "P2"}));
    CPPUNIT_ASSERT(reduced("q /Pattern cs .1 .2 /P1 scn Q BT (x) Tj ET", true).plain);
    CPPUNIT_ASSERT(reduced("/Pattern cs /P1 scn 0 g BT (x) Tj ET", true).plain);
    found = reduced("/Pattern cs /P1 scn BT (x) Tj ET", true);
    CPPUNIT_ASSERT(!found.whole && !found.plain && found.spaces == kNone);
  }

  // What is played by ourselves, where no two readers could differ.
  void tells_what_is_plain() {
    for (const std::string_view content :
         {"BT /F1 9 Tf 1 0 0 1 5. .5 Tm 2 Tr [(a) -20 <4a>] TJ (x) ' 1 2 (y) \" ET", "/G gs q 1 0 0 1 0 0 cm /I Do Q",
          "1 0 0 rg 0 g 0 0 0 1 k /C cs 1 sc 1 0 0 scn", "/Span << /MCID 0 >> BDC BT ET EMC 1 2 m 3 l S"}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(content), reduced(content, true).plain);
    }
    for (const std::string_view content :
         {"BT /F1 Tf ET", "BT 1 2 3 Td ET", "BT 1 Td ET", "1-2 g", "1.0 Tr", "BT (x) TJ ET", "BT [(x) /y] TJ ET",
          "BT [(x) [1]] TJ ET", "BT <4g> Tj ET", "(x) Tj", "1 2 Td", "BT /I Do ET", "/OC /A BDC EMC", "1 q", "1 2",
          "12345678901 g", "1 0 0 0 0 scn"}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(content), !reduced(content, true).whole);
      CPPUNIT_ASSERT_MESSAGE(std::string(content), !reduced(content, true).plain);
    }
    std::string many;
    for (int i = 0; i < 60'000; ++i) many += "1 ";
    CPPUNIT_ASSERT(!reduced("BT [" + many + "] TJ ET", true).plain);
  }

  void gives_up_what_may_draw_otherwise() {
    CPPUNIT_ASSERT(reduced("q 9 0 0 9 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q").whole);
    CPPUNIT_ASSERT(reduced("/OC /MC0 BDC /Im0 Do EMC").whole);
    CPPUNIT_ASSERT(reduced("BX /Im0 Do EX").whole);
    CPPUNIT_ASSERT(reduced("/Im#30 Do").whole);
  }

  void gives_up_what_is_broken() {
    for (const std::string_view content : {"(open",
                                           "(open\\",
                                           "[1 2",
                                           "<41",
                                           "<< /A 1",
                                           "] 1",
                                           ") Do",
                                           "{ 1 }",
                                           "Q",
                                           "Do",
                                           "gs",
                                           "/ Do",
                                           "1.2.3x cm",
                                           "1cm",
                                           "/Im0 Draw",
                                           "1 2 3 > cm",
                                           "/F1 9 Tf /Im0 do",
                                           "12 Tf",
                                           "[1 2 ) 3] TJ",
                                           "true"}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(content), reduced(content).whole);
    }
    std::string deep, many;
    for (int i = 0; i < 2000; ++i) deep += "q ";
    for (int i = 0; i < 40; ++i) many += "1 ";
    CPPUNIT_ASSERT(reduced(deep).whole);
    CPPUNIT_ASSERT(reduced(many + "cm").whole);
  }

  void stops_when_asked() {
    std::string content;
    for (int i = 0; i < 100'000; ++i) content += "q Q ";
    int asked = 0;
    const PictureContent found = picture_content(content, false, [&asked] { return ++asked == 2; });
    CPPUNIT_ASSERT_EQUAL(2, asked);
    CPPUNIT_ASSERT(found.content.size() < content.size() / 4);
  }

  // Six ways to draw the same picture: whatever the reader of later pages leaves out, the pictures are the same as if
  // it had read all.
  void later_pages_give_what_first_pages_give() {
    const std::string bytes = pages_with_pictures();
    const Deadline later = Deadline::after(Millis(120'000));
    PdfLimits all, first;
    all.text_pages = 12;
    first.text_pages = 1;
    const PdfFacts whole = pdf_facts(bytes, all, later), part = pdf_facts(bytes, first, later);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, part.errors);
    CPPUNIT_ASSERT_EQUAL(uint64_t{7}, part.image_count);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, part.fonts);
    CPPUNIT_ASSERT_EQUAL(whole.image_count, part.image_count);
    CPPUNIT_ASSERT_EQUAL(whole.image_distinct, part.image_distinct);
    CPPUNIT_ASSERT_EQUAL(whole.fonts, part.fonts);
    CPPUNIT_ASSERT_EQUAL(whole.images.size(), part.images.size());
    for (size_t i = 0; i < whole.images.size(); ++i)
      CPPUNIT_ASSERT_EQUAL(text_of(whole.images[i]), text_of(part.images[i]));
    CPPUNIT_ASSERT(whole.text_chars > part.text_chars);
  }

 private:
  // Pages 2 to 8: bare, behind text and paths, in a form, in a pattern, inline, in a soft mask, twice at one place of
  // a form without resources of its own.  Page 9 has text only.
  static std::string pages_with_pictures() {
    testdata::PdfWriter pdf("1.6");
    const int root = pdf.reserve(), pages = pdf.reserve(), font = pdf.reserve(), other = pdf.reserve();
    const int form = pdf.reserve(), pattern = pdf.reserve(), mask = pdf.reserve(), bare = pdf.reserve();
    pdf.add(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    pdf.add(other, "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>");
    const auto image = [&pdf](int number, char grey) {
      const int object = pdf.reserve();
      const std::string side = std::to_string(number);
      pdf.add_stream(object,
                     "/Type /XObject /Subtype /Image /Width " + side + " /Height " + side +
                         " /ColorSpace /DeviceGray /BitsPerComponent 8",
                     std::string(static_cast<size_t>(number) * static_cast<size_t>(number), grey));
      return std::to_string(object) + " 0 R";
    };
    const std::string box = "/BBox [0 0 500 500] ", in_form = image(41, 'a'), in_pattern = image(42, 'b');
    const std::string in_mask = image(43, 'c'), shown = image(44, 'd');
    pdf.add_stream(form,
                   "/Type /XObject /Subtype /Form /Matrix [2 0 0 2 5 7] " + box + "/Resources << /XObject << /X " +
                       in_form + " >> >>",
                   "q 50 0 0 60 3 4 cm /X Do Q");
    pdf.add_stream(pattern,
                   "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /XStep 500 /YStep 500 " + box +
                       "/Resources << /XObject << /X " + in_pattern + " >> >>",
                   "40 0 0 40 0 0 cm /X Do");
    pdf.add_stream(mask,
                   "/Type /XObject /Subtype /Form /Group << /S /Transparency /CS /DeviceGray >> " + box +
                       "/Resources << /XObject << /X " + in_mask + " >> >>",
                   "30 0 0 30 9 9 cm /X Do");
    pdf.add_stream(bare, "/Type /XObject /Subtype /Form " + box,
                   "BT /F2 9 Tf (word) Tj ET q 20 0 0 20 1 2 cm /Im Do Q");
    const std::vector<std::string> contents{
        "BT /F1 12 Tf (The first page.) Tj ET",
        "q 300 0 0 200 20 30 cm /Im Do Q",
        "BT /F1 12 Tf 1 0 0 1 50 700 Tm (Words) Tj ET 0 0 m 9 9 l S q 1 0 0 1 5 5 cm 100 0 0 50 20 30 cm /Im Do Q",
        "q 1 0 0 1 30 40 cm /Form Do Q",
        "/Pattern cs /Tiles scn 0 0 400 400 re f",
        "q 70 0 0 70 5 5 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q",
        "/Masked gs 0 0 9 9 re f",
        "q 2 0 0 2 0 0 cm /Bare Do Q",
        "BT /F1 12 Tf (The last page.) Tj ET"};
    const auto at = [](int object) { return std::to_string(object) + " 0 R "; };
    const std::string resources = "<< /Font << /F1 " + at(font) + "/F2 " + at(other) + ">> /XObject << /Im " + shown +
                                  " /Form " + at(form) + "/Bare " + at(bare) + ">> /Pattern << /Tiles " +
                                  at(pattern) + ">> /ExtGState << /Masked << /SMask << /S /Luminosity /G " +
                                  at(mask) + ">> >> >> >>";
    std::vector<int> kids;
    for (const std::string& content : contents) {
      const int page = pdf.reserve(), stream = pdf.reserve();
      pdf.add_stream(stream, "", content);
      pdf.add(page, "<< /Type /Page /Parent " + at(pages) + "/MediaBox [0 0 612 792] /Contents " + at(stream) +
                        "/Resources " + resources + " >>");
      kids.push_back(page);
    }
    return pdf.finish_pages(root, pages, kids);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PictureContentTest);

}  // namespace postern
