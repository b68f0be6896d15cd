// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "config.h"
#include "pdf/fingerprint.h"
#include "pdf/pdf.h"
#include "policy/fact_names.h"
#include "test/data/codec.h"
#include "test/data/documents.h"
#include "test/data/hostile.h"
#include "test/data/pdf_writer.h"

namespace postern {

using testdata::PdfWriter;
using testdata::Random;
using testdata::SpamShape;

class PdfFactsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PdfFactsTest);
  CPPUNIT_TEST(describes_the_wave);
  CPPUNIT_TEST(pixels_wait);
  CPPUNIT_TEST(describes_a_scan);
  CPPUNIT_TEST(describes_text_and_logo);
  CPPUNIT_TEST(decodes_every_filter_alike);
  CPPUNIT_TEST(opens_with_the_empty_password);
  CPPUNIT_TEST(says_when_a_password_is_needed);
  CPPUNIT_TEST(tells_filler_and_hidden_text);
  CPPUNIT_TEST(tells_fonts_in_pages_apart);
  CPPUNIT_TEST(joins_tiles);
  CPPUNIT_TEST(shows_page_one);
  CPPUNIT_TEST(finds_the_header_behind_garbage);
  CPPUNIT_TEST(repairs_a_broken_table);
  CPPUNIT_TEST(survives_every_truncation);
  CPPUNIT_TEST(sees_links_scripts_and_launches);
  CPPUNIT_TEST(stops_at_the_deadline);
  CPPUNIT_TEST(endures_hostile_files);
  CPPUNIT_TEST_SUITE_END();

  static Deadline soon() { return Deadline::after(Millis(120000)); }
  static std::string spam(const SpamShape& shape, uint64_t seed = 5) {
    Random campaign(seed), copy(seed + 100);
    return testdata::spam_pdf(shape, campaign, copy);
  }

 public:
  void describes_the_wave() {
    const PdfFacts facts = pdf_facts(spam({}), {}, soon());
    CPPUNIT_ASSERT(facts.opened && !facts.broken && !facts.encrypted && !facts.timeout);
    CPPUNIT_ASSERT_EQUAL(std::string("1.3"), facts.version);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, facts.pages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, facts.text_chars);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, facts.image_count);
    CPPUNIT_ASSERT(facts.unscaled && facts.page_fits_picture && !facts.paper_size);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.images.size());
    const ImageFacts& image = facts.images[0];
    CPPUNIT_ASSERT_EQUAL(std::string("DCT"), image.filter);
    CPPUNIT_ASSERT(image.unscaled && image.decoded && image.coverage > 0.6 && image.width == image.real_width);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(72, image.dpi, 0.5);
    CPPUNIT_ASSERT_EQUAL(size_t{64}, image.fingerprint.size());
    CPPUNIT_ASSERT(image.text_lines >= 3);
  }

  // Pixels wait until somebody wants them, and then give the same as at once; nothing else depends on them.
  void pixels_wait() {
    for (const std::string_view filter : {"DCT", "LZW", "Flate"}) {
      SpamShape shape;
      shape.filter = filter;
      shape.encrypted = filter == "Flate";
      const std::string bytes = spam(shape);
      const PdfFacts whole = pdf_facts(bytes, {}, soon());
      PdfReading reading(bytes, {}, soon());
      CPPUNIT_ASSERT(reading.pending() && reading.facts.images.at(0).skipped && !reading.facts.images[0].decoded);
      std::vector<FactValue> before, after;
      append_values(reading.facts.images[0], before);
      append_values(whole.images.at(0), after);
      for (const FactInfo& fact : fact_table()) {
        if (fact.scope != FactScope::kImage || fact.name == "image.bytes") continue;
        const auto same = [](const FactValue& a, const FactValue& b) {
          return a.flag() == b.flag() && a.number() == b.number() && a.texts() == b.texts() &&
                 (a.texts() == 0 || a.text(0) == b.text(0));
        };
        CPPUNIT_ASSERT_MESSAGE(fact.name, pixel_fact(fact.name) != PixelFact::kNone ||
                                              same(before.at(fact.index), after.at(fact.index)));
      }
      reading.look({true}, soon());
      CPPUNIT_ASSERT(!reading.pending() && reading.facts.images[0].decoded && !reading.facts.images[0].skipped);
      CPPUNIT_ASSERT_EQUAL(whole.images[0].fingerprint, reading.facts.images[0].fingerprint);
#ifndef POSTERN_SANITIZED  // a sanitizer's own allocator does not tell
      CPPUNIT_ASSERT(reading.facts.memory > 100'000);  // a screenful of pixels at least
#endif
    }
    const std::string bytes = spam({});
    PdfReading unwanted(bytes, {}, soon());
    unwanted.look({false}, soon());
    CPPUNIT_ASSERT(!unwanted.pending() && unwanted.facts.images[0].skipped && !unwanted.facts.timeout);
  }

  void describes_a_scan() {
    Random random(2);
    const PdfFacts facts = pdf_facts(testdata::scan_pdf(testdata::scanner(2), 2, random), {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, facts.pages);
    CPPUNIT_ASSERT_EQUAL(std::string("RICOH MP C3004"), facts.producer);
    CPPUNIT_ASSERT(facts.paper_size && !facts.unscaled);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, facts.images.size());
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, facts.images[0].components);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(200, facts.images[0].dpi, 2);
    CPPUNIT_ASSERT(facts.images[0].coverage > 0.98);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, facts.later_images);
  }

  void describes_text_and_logo() {
    Random random(3);
    const PdfFacts facts = pdf_facts(testdata::invoice_pdf(random), {}, soon());
    CPPUNIT_ASSERT(facts.text_chars > 200 && facts.fonts == 1);
    CPPUNIT_ASSERT(facts.text.starts_with("Invoice "));
    CPPUNIT_ASSERT(facts.picture_coverage < 0.05);
    CPPUNIT_ASSERT_EQUAL(std::string("Example Office 7.5"), facts.producer);
    CPPUNIT_ASSERT(facts.title.starts_with("Invoice"));
    CPPUNIT_ASSERT(facts.random_text < 0.2);
  }

  void decodes_every_filter_alike() {
    const PdfFacts jpeg = pdf_facts(spam({}), {}, soon());
    for (const char* filter : {"LZW", "Flate"}) {
      SpamShape shape;
      shape.filter = filter;
      const PdfFacts facts = pdf_facts(spam(shape), {}, soon());
      CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.images.size());
      CPPUNIT_ASSERT_EQUAL(std::string(filter), facts.images[0].filter);
      CPPUNIT_ASSERT(facts.images[0].decoded && !facts.images[0].broken);
      CPPUNIT_ASSERT(fingerprint_distance(facts.images[0].fingerprint, jpeg.images[0].fingerprint) <= 20);
    }
  }

  void opens_with_the_empty_password() {
    SpamShape shape;
    shape.encrypted = true;
    const PdfFacts facts = pdf_facts(spam(shape), {}, soon());
    CPPUNIT_ASSERT(facts.opened && facts.encrypted && !facts.locked);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.images.size());
    CPPUNIT_ASSERT(facts.images[0].decoded);
  }

  void says_when_a_password_is_needed() {
    SpamShape shape;
    shape.locked = true;
    const PdfFacts facts = pdf_facts(spam(shape), {}, soon());
    CPPUNIT_ASSERT(!facts.opened && facts.encrypted && facts.locked && !facts.broken);
  }

  void tells_filler_and_hidden_text() {
    SpamShape filler;
    filler.filler_pages = 9;
    PdfFacts facts = pdf_facts(spam(filler), {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{10}, facts.pages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, facts.first_page_chars);
    CPPUNIT_ASSERT(facts.text_chars > 1000 && facts.random_text > 0.5);
    SpamShape white;
    white.white_text = true;
    facts = pdf_facts(spam(white), {}, soon());
    CPPUNIT_ASSERT(facts.faint_chars > 100 && facts.text_chars == 0);
    SpamShape decoy;
    decoy.decoy_text = true;
    facts = pdf_facts(spam(decoy), {}, soon());
    CPPUNIT_ASSERT(facts.faint_chars == 0 && facts.first_page_chars > 100 && facts.random_text < 0.1);
  }

  // Two pages of text whose fonts stand in the pages themselves.
  static std::string with_fonts(const char* first, const char* second) {
    PdfWriter pdf("1.4");
    const int root = pdf.reserve(), pages = pdf.reserve();
    std::vector<int> kids;
    for (const char* const base : {first, second}) {
      const int page = pdf.reserve(), content = pdf.reserve();
      pdf.add_stream(content, "", "BT /F1 12 Tf 50 700 Td (some words) Tj ET");
      pdf.add(page, "<< /Type /Page /Parent " + std::to_string(pages) + " 0 R /MediaBox [0 0 595 842] /Contents " +
                        std::to_string(content) + " 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 " +
                        "/BaseFont /" + base + " >> >> >> >>");
      kids.push_back(page);
    }
    return pdf.finish_pages(root, pages, kids);
  }

  void tells_fonts_in_pages_apart() {
    const PdfFacts same = pdf_facts(with_fonts("Courier", "Courier"), {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, same.fonts);
    CPPUNIT_ASSERT_EQUAL(std::string("some words some words"), same.text);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, pdf_facts(with_fonts("Courier", "Helvetica"), {}, soon()).fonts);
  }

  void joins_tiles() {
    SpamShape tiles;
    tiles.tiles = 4;
    const PdfFacts facts = pdf_facts(spam(tiles), {}, soon());
    const PdfFacts whole = pdf_facts(spam({}), {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, facts.first_page_images);
    CPPUNIT_ASSERT(facts.unscaled);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(whole.picture_width, facts.picture_width, 1);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(whole.picture_height, facts.picture_height, 1);
  }

  void shows_page_one() {
    GreyPicture whole, tiled, text;
    pdf_facts(spam({}), {}, soon(), &whole);
    CPPUNIT_ASSERT_EQUAL(GreyPicture::kMostSide, std::max(whole.width, whole.height));
    CPPUNIT_ASSERT_EQUAL(size_t{whole.width} * whole.height, whole.pixels.size());
    const auto [dark, light] = std::minmax_element(whole.pixels.begin(), whole.pixels.end(), [](char a, char b) {
      return static_cast<uint8_t>(a) < static_cast<uint8_t>(b);
    });
    CPPUNIT_ASSERT(static_cast<uint8_t>(*light) - static_cast<uint8_t>(*dark) > 100);  // ink on paper
    SpamShape tiles;
    tiles.tiles = 4;
    pdf_facts(spam(tiles), {}, soon(), &tiled);
    CPPUNIT_ASSERT(whole.width == tiled.width && whole.height == tiled.height);
    double difference = 0;
    for (size_t i = 0; i < whole.pixels.size(); ++i) {
      difference += std::abs(static_cast<uint8_t>(whole.pixels[i]) - static_cast<uint8_t>(tiled.pixels[i]));
    }
    CPPUNIT_ASSERT(difference / static_cast<double>(whole.pixels.size()) < 12);  // cut by JPEG another way
    Random random(3);
    pdf_facts(testdata::text_pdf(1, random), {}, soon(), &text);
    const auto grey = [](char c) { return std::abs(static_cast<uint8_t>(c) - 127) < 4; };
    CPPUNIT_ASSERT(std::any_of(text.pixels.begin(), text.pixels.end(), grey));  // bars for its characters
  }

  void finds_the_header_behind_garbage() {
    const PdfFacts facts = pdf_facts(std::string(700, 'x') + spam({}), {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{700}, facts.header_offset);
    CPPUNIT_ASSERT(facts.opened);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.images.size());
  }

  void repairs_a_broken_table() {
    std::string bytes = spam({});
    bytes.replace(bytes.rfind("startxref"), 12, "startxref\n9\n");
    const PdfFacts facts = pdf_facts(bytes, {}, soon());
    CPPUNIT_ASSERT(facts.opened && facts.repaired && facts.broken);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, facts.image_count);
    CPPUNIT_ASSERT(pdf_facts("%PDF-1.4 and nothing else", {}, soon()).broken);
    CPPUNIT_ASSERT(pdf_facts("", {}, soon()).broken);
  }

  void survives_every_truncation() {
    const std::string bytes = spam({});
    for (size_t length = 0; length < bytes.size(); length += bytes.size() / 60) {
      const PdfFacts facts = pdf_facts(std::string_view(bytes).substr(0, length), {}, soon());
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(length), facts.bytes);
      CPPUNIT_ASSERT(facts.broken);
    }
  }

  void sees_links_scripts_and_launches() {
    PdfWriter pdf("1.6");
    const int root = pdf.reserve(), pages = pdf.reserve(), page = pdf.reserve();
    pdf.add(page,
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Annots [<< /Subtype /Link /Rect [0 0 9 9] "
            "/A << /S /URI /URI (https://www.example.org/x) >> >> << /Subtype /Link /Rect [0 0 9 9] "
            "/A << /S /Launch /F (a.exe) >> >>] >>");
    pdf.add(pages, "<< /Type /Pages /Count 1 /Kids [3 0 R] >>");
    pdf.add(root,
            "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (1) >> "
            "/Names << /EmbeddedFiles << /Names [] >> >> /AcroForm << /Fields [] >> >>");
    const PdfFacts facts = pdf_facts(pdf.finish(root), {}, soon());
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, facts.links);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.urls.size());
    CPPUNIT_ASSERT_EQUAL(std::string("https://www.example.org/x"), facts.urls[0]);
    CPPUNIT_ASSERT(facts.javascript && facts.launch && facts.embedded_files && facts.form);
    CPPUNIT_ASSERT(facts.paper_size);
  }

  void stops_at_the_deadline() { CPPUNIT_ASSERT(pdf_facts(spam({}), {}, Deadline::after(Millis(0))).timeout); }

  // Processor time, and far more than it takes: a busy machine must not fail the test.
  void endures_hostile_files() {
    for (const auto& hostile : testdata::hostile_pdfs()) {
      const std::string bytes = hostile.make();
      const std::clock_t start = std::clock();
      const PdfFacts facts = pdf_facts(bytes, {}, Deadline::after(Millis(500)));
      const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      CPPUNIT_ASSERT_MESSAGE(std::string(hostile.name), seconds < 10.0);
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(bytes.size()), facts.bytes);
      CPPUNIT_ASSERT(facts.images.size() <= PdfLimits().images && facts.text.size() <= 8200);
    }
    CPPUNIT_ASSERT(jpeg_facts(testdata::jpeg_of_many_scans(), {}, soon()).broken);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PdfFactsTest);

}  // namespace postern
