// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pdf/content_scanner.h"
#include "pdf/pdf.h"
#include "pdf/picture_content.h"
#include "pdf/text_player.h"
#include "test/data/pdf_writer.h"

namespace postern {

namespace {

// Each byte is a character, half as wide as it is high; "Wide" reads two bytes at once, downwards.
class FixedFont final : public TextFont {
 public:
  FixedFont(int object, bool vertical) : object_(object), vertical_(vertical) {}
  int object() const override { return object_; }
  bool vertical() const override { return vertical_; }
  void next(std::string_view text, Glyph& glyph) const override {
    code_ = static_cast<unsigned char>(text[0]);
    glyph = {vertical_ ? size_t{2} : size_t{1}, vertical_ ? 0.0 : 0.5, vertical_ ? -1.0 : 0.0, &code_, 1};
  }

 private:
  const int object_;
  const bool vertical_;
  mutable unsigned code_ = 0;
};

// Writes down what happens.
class Notes final : public PlayerStage {
 public:
  bool has_font(std::string_view name) override { return name != "None"; }
  const TextFont* font(std::string_view name) override {
    return name == "Wide" ? &wide_ : name == "Bad" ? nullptr : &narrow_;
  }
  void shows(const TextFont& font) override { out << "font " << font.object() << '\n'; }
  bool faint(const Fill& fill) override {
    out << '{' << fill.space << '|' << fill.colour << '}';
    return fill.colour == "1 g";
  }
  double opacity(std::string_view state, double now) override { return state == "Clear" ? 0 : now; }
  void character(Point from, Point to, double size, Ink ink, const Glyph& glyph) override {
    out << static_cast<char>(*glyph.unicode) << ' ' << from.x << ',' << from.y << ' ' << to.x << ',' << to.y << " size "
        << size << (ink == Ink::kVisible ? "" : ink == Ink::kFaint ? " faint" : " invisible") << '\n';
  }
  void draw(std::string_view object, const PlayerState& state) override {
    out << "draw " << object << " at";
    for (const double each : state.page) out << ' ' << each;
    out << ' ' << state.fill.space << '|' << state.fill.colour << '\n';
  }
  void fault() override { out << "fault\n"; }
  bool stop() override { return ++asked > patience; }

  std::ostringstream out;
  int asked = 0, patience = 1000;

 private:
  const FixedFont narrow_{7, false}, wide_{8, true};
};

std::string played(std::string_view content) {
  Notes notes;
  TextPlayer(content, {1, 0, 0, -1, 0, 100}, notes).play();
  return notes.out.str();
}

}  // namespace

class TextPlayerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TextPlayerTest);
  CPPUNIT_TEST(reads_numbers);
  CPPUNIT_TEST(reads_strings);
  CPPUNIT_TEST(places_characters);
  CPPUNIT_TEST(spaces_characters);
  CPPUNIT_TEST(shows_in_every_way);
  CPPUNIT_TEST(shows_strings_as_they_stand_or_decoded);
  CPPUNIT_TEST(writes_downwards);
  CPPUNIT_TEST(tells_ink);
  CPPUNIT_TEST(draws_where_it_stands);
  CPPUNIT_TEST(notes_fonts_that_are_missing);
  CPPUNIT_TEST(stops_when_asked);
  CPPUNIT_TEST(gives_what_the_interpreter_gives);
  CPPUNIT_TEST(reads_programs_of_fonts_where_they_matter);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_numbers() {
    for (const auto& [word, kind] : {std::pair{"12", 'i'}, {"-3", 'i'}, {"+3", 'i'}, {"1.5", 'n'}, {"-.5", 'n'},
                                     {"4.", 'n'}, {"1-2", '?'}, {"--1", '?'}, {"1.2.3", '?'}, {"-", '?'}, {".", '?'},
                                     {"1234567890", '?'}, {"1e5", '\0'}, {"12x", '\0'}}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(word, kind, number_kind(word));
    }
    // A word is read in another way if there is much behind it.
    for (const std::string behind : {"", " ", "]0 0 0 0 0 0 0", "  0 0 0 0 0 0 0"}) {
      for (const char* word : {"0", "7", "-7", "+7", "12", "-3", "1.5", "-.25", "4.", ".", "-", "--1", "1-2", "1.2.3",
                               "1e5", "12x", "1234567", "12345678", "-1234.56", "+999999999", "1234567890",
                               "0.1234567890"}) {
        const std::string content = word + behind;
        ContentScanner kind(content), value(content);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(content, number_kind(word), kind.skip_number());
        CPPUNIT_ASSERT_MESSAGE(content, kind.at() >= std::string_view(word).size());
        if (number_kind(word) != 'i' && number_kind(word) != 'n') continue;
        CPPUNIT_ASSERT_EQUAL_MESSAGE(content, number_value(word), value.number());
        CPPUNIT_ASSERT_EQUAL_MESSAGE(content, kind.at(), value.at());
      }
    }
    for (const char* word : {"0", "12", "-3", "1.5", "-.25", "4.", "+999999999", "841.8898"})
      CPPUNIT_ASSERT_DOUBLES_EQUAL_MESSAGE(word, std::stod(word), number_value(word), 1e-9);
  }

  void reads_strings() {
    const auto read = [](std::string_view token) {
      std::string out;
      append_string(token, out);
      return out;
    };
    CPPUNIT_ASSERT_EQUAL(std::string("a(b)c\n\r\t\b\f\\()x"), read("(a(b)c\\n\\r\\t\\b\\f\\\\\\(\\)\\x)"));
    CPPUNIT_ASSERT_EQUAL(std::string("S\0019A8\xff", 6), read("(\\123\\19\\1018\\777)"));
    CPPUNIT_ASSERT_EQUAL(std::string("ab\r\n"), read("(a\\\nb\\\r\n\r\n)"));
    CPPUNIT_ASSERT_EQUAL(std::string("JK\xa0"), read("<4a 4B\nA>"));
    CPPUNIT_ASSERT_EQUAL(std::string(), read("<>") + read("()"));
  }

  void places_characters() {
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n"
                                     "{|}a 10,80 15,80 size 10\n"
                                     "b 15,80 20,80 size 10\n"
                                     "{|}c 20,70 25,70 size 10\n"
                                     "{|}d 30,50 40,50 size 20\n"),
                         played("BT /F 10 Tf 10 20 Td (ab) Tj 10 -10 Td 0 20 Td (c) Tj ET "
                                "q 2 0 0 2 0 0 cm BT 1 0 0 1 15 25 Tm <64> Tj ET Q"));
    // The line begins where the last one began; where text stands is no part of the state that is saved.
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n{|}a 5,100 6,100 size 2\n{|}b 5,104 6,104 size 2\n"
                                     "{|}c 5,108 6,108 size 2\n{|}d 6,108 7,108 size 2\n"),
                         played("BT /F 2 Tf 5 0 Td (a) Tj 0 -4 TD (b) Tj T* q (c) Tj Q (d) Tj ET"));
  }

  void spaces_characters() {
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n{|}a 0,100 6,100 size 10\n  6,100 15,100 size 10\n"
                                     "b 15,100 21,100 size 10\n"),
                         played("BT /F 10 Tf 1 Tc 3 Tw (a b) Tj ET"));
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n{|}a 0,96 2.5,96 size 10\nb 5,96 7.5,96 size 10\n"),
                         played("BT /F 10 Tf 50 Tz 4 Ts [(a) -500 (b)] TJ ET"));
  }

  void shows_in_every_way() {
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n{|}a 0,112 5,112 size 10\n{|}b 0,124 7,124 size 10\n"
                                     "  7,124 15,124 size 10\n"),
                         played("BT /F 10 Tf 12 TL (a) ' 1 2 (b ) \" ET"));
  }

  void shows_strings_as_they_stand_or_decoded() {
    const std::string font = "font 7\n{|}";
    CPPUNIT_ASSERT_EQUAL(font + "a 0,100 5,100 size 10\n( 5,100 10,100 size 10\nb 10,100 15,100 size 10\n"
                                ") 15,100 20,100 size 10\n) 20,100 25,100 size 10\nc 25,100 30,100 size 10\n"
                                "d 30,100 35,100 size 10\n",
                         played("BT /F 10 Tf [()(a(b))(\\))<63>(d)] TJ ET"));
    const std::string text(300, 'x');
    for (const std::string& string : {"(" + text + ")", "(" + text + "\\\n)", "((" + text + ")" + text + ")"}) {
      const std::string shown = played("BT /F 10 Tf " + string + " Tj (y) Tj ET");
      CPPUNIT_ASSERT_EQUAL(string.size() > 400 ? 600L : 300L, std::count(shown.begin(), shown.end(), 'x'));
      CPPUNIT_ASSERT(shown.find("y ") != std::string::npos);
    }
  }

  void writes_downwards() {
    CPPUNIT_ASSERT_EQUAL(std::string("font 8\n{|}a 0,100 0,108 size 10\nb 0,113 0,121 size 10\n"),
                         played("BT /Wide 10 Tf 2 Tc [(a.) 500 (b.)] TJ ET"));
  }

  void tells_ink() {
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n{|1 g}a 0,100 5,100 size 10 faint\n{|0 g}b 5,100 10,100 size 10\n"
                                     "{|1 g}c 10,100 15,100 size 10 faint\n"),
                         played("BT 1 g /F 10 Tf (a) Tj q 0 g (b) Tj Q (c) Tj ET"));
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\nx 0,100 5,100 size 10 invisible\ny 5,100 10,100 size 10\n"),
                         played("BT 3 Tr /F 10 Tf (x) Tj 1 g 1 Tr (y) Tj ET"));
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\nx 0,100 0.5,100 size 1 faint\n"), played("BT /F 1 Tf (x) Tj ET"));
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\nx 0,100 5,100 size 10 faint\n"),
                         played("/Clear gs BT /F 10 Tf (x) Tj ET"));
    // A colour with the space that it is of.
    CPPUNIT_ASSERT_EQUAL(std::string("font 7\n{/A cs|.5 sc}x 0,100 5,100 size 10\n{1 0 0 rg|0 0 1 scn}y 5,100 10,100 "
                                     "size 10\n{/B cs|}z 10,100 15,100 size 10\n"),
                         played("/A cs .5 sc BT /F 10 Tf (x) Tj 1 0 0 rg 0 0 1 scn (y) Tj /B cs (z) Tj ET"));
  }

  void draws_where_it_stands() {
    CPPUNIT_ASSERT_EQUAL(std::string("draw Im at 4 0 0 -6 2 92 |\ndraw Fm at 1 0 0 -1 0 100 /A cs|.5 sc\n"),
                         played("q 2 0 0 2 2 8 cm 2 0 0 3 0 0 cm /Im Do Q /A cs .5 sc /Fm Do Q"));
  }

  void notes_fonts_that_are_missing() {
    CPPUNIT_ASSERT_EQUAL(std::string("fault\nfault\nfault\nfault\n"),
                         played("BT (x) Tj /None 9 Tf (x) Tj /Bad 9 Tf [(x)] TJ ET"));
  }

  void stops_when_asked() {
    std::string content = "BT /F 9 Tf (" + std::string(100'000, 'x') + ") Tj ET";
    Notes notes;
    notes.patience = 2;
    TextPlayer(content, {1, 0, 0, 1, 0, 0}, notes).play();
    CPPUNIT_ASSERT_EQUAL(3, notes.asked);
    CPPUNIT_ASSERT(notes.out.str().size() < 100'000);
  }

  // The same pages, plain and with a mark that leaves them to Poppler's interpreter: all facts are the same.
  void gives_what_the_interpreter_gives() {
    const std::vector<std::string> pages{
        "BT /F1 12 Tf 72 700 Td (Some words) Tj 0 -14 TD [(and) -300 (more\\056)] TJ 3 Tr T* (hidden) Tj ET",
        "1 1 1 rg BT /F2 9 Tf 1 0 0 1 72 720 Tm (white) Tj 0 0 0 1 k (ink) Tj /Grey cs 1 sc (paper) Tj .2 scn (x) ' "
        "/Spot cs 0 scn (none) Tj 1 scn (full) Tj ET",
        "q 20 0 0 20 5 5 cm /Im Do Q /Faded gs BT /F2 9 Tf 5 50 Td (faded) Tj ET 1 g /Form Do /Full gs /Form Do"};
    for (const std::string& content : pages) {
      CPPUNIT_ASSERT_MESSAGE(content, picture_content(content, true, [] { return false; }).plain);
      const PdfFacts plain = facts_of(content), other = facts_of("/OC /None BDC EMC " + content);
      CPPUNIT_ASSERT(plain.text_chars + plain.faint_chars > 5);
      CPPUNIT_ASSERT_EQUAL(other.text, plain.text);
      CPPUNIT_ASSERT_EQUAL(other.text_chars, plain.text_chars);
      CPPUNIT_ASSERT_EQUAL(other.invisible_chars, plain.invisible_chars);
      CPPUNIT_ASSERT_EQUAL(other.faint_chars, plain.faint_chars);
      CPPUNIT_ASSERT_EQUAL(other.fonts, plain.fonts);
      CPPUNIT_ASSERT_EQUAL(other.errors, plain.errors);
      CPPUNIT_ASSERT_EQUAL(other.images.size(), plain.images.size());
      for (size_t i = 0; i < plain.images.size(); ++i) {
        CPPUNIT_ASSERT_EQUAL(other.images[i].coverage, plain.images[i].coverage);
        CPPUNIT_ASSERT_EQUAL(other.images[i].dpi, plain.images[i].dpi);
      }
    }
  }

  // A program that is none is a fault, but only for who reads it.
  void reads_programs_of_fonts_where_they_matter() {
    const auto faults = [](const std::string& font, const std::string& shown, std::string_view text) {
      const PdfFacts facts = facts_of("BT /F3 12 Tf " + shown + " Tj ET", font);
      CPPUNIT_ASSERT_EQUAL(text, std::string_view(facts.text).substr(0, text.size()));
      return facts.errors;
    };
    const std::string widths = "/FirstChar 65 /LastChar 67 /Widths [500 600 700] ";
    const std::string named = "/Subtype /Type1 /Encoding << /Differences [65 /B /nobodys] >> ";
    const std::string encoded = "/Subtype /TrueType /Encoding /WinAnsiEncoding ";
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, faults(encoded, "(AC)", "AC"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0},
                         faults("/Subtype /Type1 /Encoding << /BaseEncoding /MacRomanEncoding >> ", "(A)", "A"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, faults(named + widths, "(A)", "B"));
    CPPUNIT_ASSERT(faults(named + widths, "(AC)", "BC") > 0);
    CPPUNIT_ASSERT(faults(named + widths, "(B)", "B") > 0);
    CPPUNIT_ASSERT(faults(named, "(A)", "B") > 0);
    CPPUNIT_ASSERT(faults("/Subtype /Type1 ", "(A)", "A") > 0);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, faults("/Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /Type /Font "
                                             "/Subtype /CIDFontType2 /BaseFont /Some /FontDescriptor 9 0 R "
                                             "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) >> >>] ",
                                             "<0041>", "A"));
  }

 private:
  // `third`: of the font F3, whose program is none.
  static PdfFacts facts_of(const std::string& content, const std::string& third = "/Subtype /Type1 ") {
    testdata::PdfWriter pdf("1.6");
    const int root = pdf.reserve(), pages = pdf.reserve(), page = pdf.reserve(), stream = pdf.reserve();
    const int font = pdf.reserve(), other = pdf.reserve(), image = pdf.reserve(), form = pdf.reserve();
    const int descriptor = pdf.reserve(), program = pdf.reserve(), bad = pdf.reserve();
    const auto at = [](int object) { return std::to_string(object) + " 0 R "; };
    pdf.add(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    pdf.add(other, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>");
    CPPUNIT_ASSERT_EQUAL(9, descriptor);
    pdf.add(bad, "<< /Type /Font /BaseFont /Some /FontDescriptor 9 0 R " + third + ">>");
    pdf.add(descriptor, "<< /Type /FontDescriptor /FontName /Some /FontFile " + at(program) + ">>");
    pdf.add_stream(program, "", "no program");
    pdf.add_stream(image,
                   "/Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray /BitsPerComponent 8",
                   std::string(16, 'a'));
    // With the colour of the page, and with fonts of the page.
    pdf.add_stream(form, "/Type /XObject /Subtype /Form /BBox [0 0 500 500]",
                   "BT /F1 9 Tf 9 9 Td (In the form) Tj ET 7 0 0 7 0 0 cm /Im Do");
    pdf.add_stream(stream, "", content);
    pdf.add(page,
            "<< /Type /Page /Parent " + at(pages) + "/MediaBox [0 0 612 792] /Contents " + at(stream) +
                "/Resources << /Font << /F1 " + at(font) + "/F2 " + at(other) + "/F3 " + at(bad) +
                ">> /XObject << /Im " + at(image) +
                "/Form " + at(form) + ">> /ExtGState << /Faded << /ca 0.01 >> /Full << /ca 1 /SMask /None >> >> " +
                "/ColorSpace << /Grey [/CalGray << /WhitePoint [1 1 1] >>] /Spot [/Separation /Spot /DeviceGray " +
                "<< /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0] /N 1 >>] >> >> >>");
    return pdf_facts(pdf.finish_pages(root, pages, {page}), {}, Deadline::after(Millis(120'000)));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(TextPlayerTest);

}  // namespace postern
