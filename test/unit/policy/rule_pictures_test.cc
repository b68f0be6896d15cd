// SPDX-License-Identifier: GPL-2.0-or-later
// Which pictures are decoded: all that could change a verdict or a count, and no others.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <array>
#include <random>

#include "policy/fact_names.h"
#include "policy/rules.h"

namespace postern {
namespace {

constexpr std::array<double, 2> kLimits{5, 10};

// A message with one PDF of two pictures, a screenful and a scan, that nobody has decoded yet.
Facts sample() {
  Facts facts;
  facts.body.inspected = true;
  facts.body.pdf_count = 1;
  PdfFacts pdf;
  pdf.opened = true;
  pdf.pages = 1;
  ImageFacts screenful, scan;
  screenful.width = 640;
  screenful.skipped = true;
  scan.width = 2480;
  scan.skipped = true;
  pdf.images = {screenful, scan};
  facts.body.pdfs = {pdf};
  return facts;
}

std::string wanted(const std::vector<RuleSet::Row>& rows, const Facts& facts = sample(), bool may_be_blocked = false) {
  std::vector<std::pair<std::string, std::string>> faults;
  const RuleSet rules(rows, &faults);
  CPPUNIT_ASSERT_MESSAGE(faults.empty() ? "" : faults[0].first + ": " + faults[0].second, faults.empty());
  std::string out;
  for (const bool each : rules.wanted_pictures(facts, kLimits, may_be_blocked)) out += each ? '1' : '0';
  return out;
}

using Random = std::mt19937_64;
uint64_t below(Random& random, uint64_t limit) { return random() % limit; }

std::string condition(Random& random, int depth) {
  static constexpr std::array<const char*, 14> kTests{
      "image.width > 1000",  "image.page == 1",       "image.paper >= 0.5",   "image.text_lines >= 3",
      "image.seen >= 3",     "image.allowed",         "image.decoded",        "pdf.pages == 1",
      "pdf.producer",        "body.visible_chars < 4", "subject contains \"x\"", "image.blocked",
      "image.dots >= 0.5",   "pdf.text_chars == 0"};
  if (depth >= 3 || below(random, 3) == 0) return kTests.at(below(random, kTests.size()));
  const std::string left = condition(random, depth + 1), right = condition(random, depth + 1);
  switch (below(random, 4)) {
    case 0:
      return "not (" + left + ")";
    case 1:
      return "(" + left + " or " + right + ")";
    default:
      return "(" + left + " and " + right + ")";
  }
}

std::vector<RuleSet::Row> random_rules(Random& random) {
  std::vector<RuleSet::Row> rows;
  const auto number = [&](uint64_t from) { return std::to_string(from + below(random, 4)); };
  for (int i = 0; i < 3; ++i) rows.push_back({"_H" + std::to_string(i), "0 " + condition(random, 1)});
  for (int i = 0; i < 6; ++i) {
    std::string text = (below(random, 4) == 0 ? "-" : "") + number(1) + " " + condition(random, 0);
    if (below(random, 3) == 0) text += " and rule(_H" + std::to_string(below(random, 3)) + ")";
    if (below(random, 6) == 0) text += " and not rule(_H" + std::to_string(below(random, 3)) + ")";
    rows.push_back({"R" + std::to_string(i), text});
  }
  return rows;
}

void look(Random& random, ImageFacts& image) {
  image.skipped = false;
  image.decoded = true;
  image.paper = static_cast<double>(below(random, 2));
  image.dots = static_cast<double>(below(random, 2));
  image.text_lines = below(random, 6);
  image.seen = below(random, 6);
  image.allowed = below(random, 2) == 0;
}

Facts random_facts(Random& random) {
  Facts facts;
  facts.message.subject = below(random, 2) == 0 ? "x" : "y";
  facts.body.inspected = true;
  facts.body.visible_chars = below(random, 8);
  const auto image = [&](bool in_pdf) {
    ImageFacts out;
    out.width = 500 + 1000 * below(random, 2);
    out.page = in_pdf ? 1 + below(random, 2) : 0;
    out.skipped = below(random, 4) != 0;
    return out;
  };
  for (uint64_t i = below(random, 3); i > 0; --i) {
    PdfFacts pdf;
    pdf.pages = 1 + below(random, 2);
    pdf.text_chars = below(random, 2);
    if (below(random, 2) == 0) pdf.producer = "p";
    for (uint64_t j = below(random, 3); j > 0; --j) pdf.images.push_back(image(true));
    facts.body.pdfs.push_back(pdf);
  }
  for (uint64_t i = below(random, 2); i > 0; --i) facts.body.images.push_back(image(false));
  return facts;
}

int side(double score) { return (score >= kLimits[0] ? 1 : 0) + (score >= kLimits[1] ? 1 : 0); }

}  // namespace

class RulePicturesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RulePicturesTest);
  CPPUNIT_TEST(only_what_can_change_the_verdict);
  CPPUNIT_TEST(whatever_may_be_counted);
  CPPUNIT_TEST(rules_that_are_watched);
  CPPUNIT_TEST(what_is_not_wanted_changes_no_verdict);
  CPPUNIT_TEST(scans_need_no_decoding_under_the_pack);
  CPPUNIT_TEST_SUITE_END();

 public:
  void only_what_can_change_the_verdict() {
    const std::string lines = "image.text_lines >= 3 and image.width < 1000";
    CPPUNIT_ASSERT_EQUAL(std::string("10"), wanted({{"A", "5 " + lines}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "4.9 " + lines}}));  // never enough
    CPPUNIT_ASSERT_EQUAL(std::string("10"), wanted({{"A", "4.9 " + lines}, {"B", "0.1 pdf.opened"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "4 " + lines}, {"B", "5.5 pdf.opened"}}));  // spam anyway
    CPPUNIT_ASSERT_EQUAL(std::string("10"), wanted({{"A", "5 " + lines}, {"B", "5 pdf.opened"}}));  // surespam
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "5 " + lines}, {"B", "12 pdf.opened"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("10"), wanted({{"A", "-3 " + lines}, {"B", "6 pdf.opened"}}));  // may be lifted
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "-0.5 " + lines}, {"B", "6 pdf.opened"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("01"), wanted({{"A", "5 image.text_lines == 0 and image.width > 1000"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "5 image.text_lines >= 1 and pdf.pages > 1"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "5 rule(_B)"}, {"_B", "0 image.paper > 0 and pdf.locked"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("11"), wanted({{"A", "5 pdf.opened and rule(_B)"}, {"_B", "0 image.paper > 0"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"_B", "0 image.paper > 0"}}));  // nobody refers to it
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "off"}}));
    Facts one = sample();
    one.body.pdfs[0].images[0].skipped = false;  // its pixels cannot be had
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "5 " + lines}}, one));
  }

  void whatever_may_be_counted() {
    CPPUNIT_ASSERT_EQUAL(std::string("10"), wanted({{"A", "0.1 image.seen >= 3 and image.width < 1000"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "9 image.seen >= 3 and pdf.encrypted"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("00"), wanted({{"A", "9 image.blocked"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("11"), wanted({{"A", "9 image.blocked"}}, sample(), true));
    CPPUNIT_ASSERT_EQUAL(std::string("11"), wanted({{"A", "0.1 image.fingerprint =~ /^ab/"}}));
  }

  void rules_that_are_watched() {
    CPPUNIT_ASSERT_EQUAL(std::string("11"), wanted({{"A", "0 image.paper >= 0.5"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("11"), wanted({{"A", "bounce=failure image.paper >= 0.5"}}));
  }

  // Against looking at everything: hundreds of tables of rules and messages by chance.
  void what_is_not_wanted_changes_no_verdict() {
    size_t spared = 0, tagged = 0;
    for (uint64_t seed = 1; seed <= 600; ++seed) {
      Random random(seed);
      std::vector<std::pair<std::string, std::string>> faults;
      const RuleSet rules(random_rules(random), &faults);
      CPPUNIT_ASSERT_MESSAGE(faults.empty() ? "" : faults[0].second, faults.empty());
      const Facts before = random_facts(random);
      const std::vector<bool> chosen = rules.wanted_pictures(before, kLimits, false);
      Facts all = before, some = before;
      std::vector<ImageFacts> looked;
      for_each_picture(all.body, [&](ImageFacts& image) {
        if (image.skipped) look(random, image);
        looked.push_back(image);
      });
      size_t place = 0;
      for_each_picture(some.body, [&](ImageFacts& image) {
        spared += image.skipped && !chosen.at(place) ? 1 : 0;
        if (chosen.at(place)) image = looked[place];
        ++place;
      });
      const RuleResult full = rules.evaluate(all), part = rules.evaluate(some);
      CPPUNIT_ASSERT_EQUAL_MESSAGE("seed " + std::to_string(seed), side(full.score), side(part.score));
      tagged += side(full.score) > 0 ? 1 : 0;
    }
    CPPUNIT_ASSERT(spared > 0 && tagged > 0);
  }

  // What decoding is spared for: pages as scanners read them.
  void scans_need_no_decoding_under_the_pack() {
    Facts facts = sample();
    facts.body.visible_chars = 200;
    PdfFacts& pdf = facts.body.pdfs[0];
    pdf.paper_size = true;
    pdf.first_page_images = 1;
    ImageFacts scan;
    scan.skipped = true;
    scan.page = 1;
    scan.coverage = 1;
    scan.dpi = 300;
    scan.width = 2480;
    scan.height = 3508;
    pdf.images = {scan};
    CPPUNIT_ASSERT_EQUAL(std::string("0"), wanted(default_rules(), facts));
    CPPUNIT_ASSERT_EQUAL(std::string("1"), wanted(default_rules(), facts, true));
    pdf.images[0].dpi = 72;
    pdf.images[0].width = 612;
    pdf.images[0].height = 792;
    CPPUNIT_ASSERT_EQUAL(std::string("1"), wanted(default_rules(), facts));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RulePicturesTest);

}  // namespace postern
