// SPDX-License-Identifier: GPL-2.0-or-later
// The rule language: what is read, what is refused and with which words, and what a rule means.
#include "policy/rules.h"

#include <cppunit/extensions/HelperMacros.h>

namespace postern {
namespace {

using Faults = std::vector<std::pair<std::string, std::string>>;

ImageFacts image(std::string filter, uint64_t width, uint64_t height) {
  ImageFacts out;
  out.filter = std::move(filter);
  out.width = width;
  out.height = height;
  return out;
}

Facts sample() {
  Facts facts;
  facts.message.subject = "Cheap STOCK report";
  facts.message.from_address = "ann@example.com";
  facts.message.null_sender = true;
  facts.message.recipients = 3;
  facts.message.bytes = 100 * 1024;
  facts.headers = {{"X-Mailer", "First"}, {"x-mailer", "Second"}, {"X-Empty", ""}};
  facts.body.inspected = true;
  facts.body.visible_chars = 2;
  facts.body.text = "hello world\nsecond line";
  facts.body.report.failed_recipients = {"bob@example.org", "carol@example.net"};
  PdfFacts small;
  small.name = "a.pdf";
  small.pages = 1;
  small.images = {image("DCT", 400, 100), image("Flate", 2000, 3000)};
  PdfFacts big;
  big.name = "b.pdf";
  big.pages = 7;
  big.encrypted = true;
  big.producer = "GPL Ghostscript 8.15";
  big.images = {image("LZW", 1654, 2339)};
  facts.body.pdfs = {small, big};
  facts.body.images = {image("DCT", 64, 64)};
  AttachmentFacts one, two;
  one.name = "a.pdf";
  one.type = "application/pdf";
  one.pdf = true;
  two.name = "setup.exe";
  two.type = "application/octet-stream";
  facts.body.attachments = {one, two};
  return facts;
}

}  // namespace

class RulesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RulesTest);
  CPPUNIT_TEST(conditions);
  CPPUNIT_TEST(operators_bind_as_written);
  CPPUNIT_TEST(missing_things_are_empty);
  CPPUNIT_TEST(one_and_the_same_object);
  CPPUNIT_TEST(scores_reasons_and_order);
  CPPUNIT_TEST(bounce_rules);
  CPPUNIT_TEST(rules_that_refer_to_rules);
  CPPUNIT_TEST(references_that_cannot_be_followed);
  CPPUNIT_TEST(errors_name_the_column);
  CPPUNIT_TEST(bad_rows_harm_no_others);
  CPPUNIT_TEST(patterns_are_bounded);
  CPPUNIT_TEST(when_a_body_is_needed);
  CPPUNIT_TEST(what_the_headers_decide);
  CPPUNIT_TEST_SUITE_END();

  static bool hits(const std::string& condition, const Facts& facts = sample()) {
    Faults faults;
    const RuleSet rules({{"R", "1 " + condition}}, &faults);
    CPPUNIT_ASSERT_MESSAGE(condition + ": " + (faults.empty() ? "" : faults[0].second), faults.empty());
    const bool hit = !rules.evaluate(facts).hits.empty();
    CPPUNIT_ASSERT_EQUAL_MESSAGE(condition, !rules.evaluate_all(facts).hits.empty(), hit);
    return hit;
  }
  static void yes(const std::string& condition) { CPPUNIT_ASSERT_MESSAGE(condition, hits(condition)); }
  static void no(const std::string& condition) { CPPUNIT_ASSERT_MESSAGE(condition, !hits(condition)); }
  static std::string fault(const std::string& text) {
    Faults faults;
    const RuleSet rules({{"R", text}}, &faults);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(text, size_t{1}, faults.size());
    CPPUNIT_ASSERT_EQUAL(std::string("R"), faults[0].first);
    CPPUNIT_ASSERT(rules.evaluate(sample()).hits.empty());
    return faults[0].second;
  }

  void conditions() {
    yes("null_sender");
    no("not null_sender");
    yes("subject == \"cheap stock REPORT\"");
    no("subject == \"cheap stock\"");
    yes("subject != \"cheap stock\"");
    yes("subject contains \"Stock\"");
    yes("subject contains (\"zzzz\", \"stock\")");
    yes("subject in (\"other\", \"cheap stock report\")");
    yes("subject =~ /stock/i");
    no("subject =~ /stock/");
    no("subject =~ /stock /xi and subject !~ /cheap/i");
    yes("subject =~ / st o ck /xi");
    yes("subject !~ /\\bviagra\\b/i");
    yes("body.text =~ /^second/m");
    no("body.text =~ /^second/");
    yes("body.text =~ /world.second/s");
    yes("recipients == 3 and recipients != 4 and recipients >= 3 and recipients <= 3 and recipients < 4");
    no("recipients > 3");
    yes("recipients in (1, 3)");
    yes("bytes == 100k and bytes < 0.1M");
    yes("recipients > -1");
    yes("report.failed_recipients == \"carol@example.net\"");
    no("report.failed_recipients != \"carol@example.net\"");
    yes("report.failed_recipients =~ /@example\\.org$/");
    yes("from_address =~ /^[^@\\/]+@/");
    yes("header.X-Mailer == \"first\"");
    no("header.X-Mailer == \"second\"");
    yes("Header.x-mailer and SUBJECT");
  }

  void operators_bind_as_written() {
    yes("null_sender or null_sender and not null_sender");
    no("(null_sender or null_sender) and not null_sender");
    yes("not null_sender or null_sender");
    yes("not (null_sender and not null_sender)");
    no("not not not null_sender");
  }

  void missing_things_are_empty() {
    no("header.X-None");
    no("header.X-Empty");
    yes("header.X-None == \"\"");
    yes("not header.X-None");
    no("message_id");
    no("report.stamps == \"\"");
    const Facts none;
    CPPUNIT_ASSERT(!hits("pdf.pages == 0", none));
    CPPUNIT_ASSERT(!hits("not pdf.encrypted", none));
    CPPUNIT_ASSERT(!hits("attachment.bytes >= 0 or subject == \"\"", none));
    CPPUNIT_ASSERT(hits("subject == \"\" and recipients == 0", none));
  }

  void one_and_the_same_object() {
    yes("pdf.pages == 1 and pdf.name == \"a.pdf\"");
    no("pdf.pages == 1 and pdf.encrypted");
    no("pdf.pages == 1 and (pdf.encrypted or pdf.pages == 3)");
    yes("pdf.encrypted and image.filter == \"LZW\"");
    no("pdf.pages == 1 and image.filter == \"LZW\"");
    yes("pdf.pages == 1 and image.filter == \"Flate\" and image.width >= 2000");
    no("pdf.pages == 1 and image.filter == \"DCT\" and image.width >= 2000");
    yes("image.width == 64");  // attached by itself
    no("image.width == 64 and pdf.pages > 0");
    yes("attachment.pdf and attachment.name == \"a.pdf\" and pdf.encrypted");  // bound apart from each other
    no("attachment.pdf and attachment.name =~ /\\.exe$/i");
    yes("pdf.producer =~ /ghostscript/i");
    no("pdf.pages == 1 and pdf.producer =~ /ghostscript/i");
    yes("pdf.pages == 1 and pdf.producer !~ /ghostscript/i");
  }

  void scores_reasons_and_order() {
    const RuleSet rules({{"B", "1.5 null_sender -- sent by \"nobody\" -- really"},
                         {"A", "-0.5 recipients > 1"},
                         {"NO", "4 recipients > 100"},
                         {"_HELP", "0 null_sender"},
                         {"OFF", "off"}},
                        nullptr);
    const RuleResult result = rules.evaluate(sample());
    CPPUNIT_ASSERT_DOUBLES_EQUAL(1.0, result.score, 1e-9);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, result.hits.size());
    CPPUNIT_ASSERT_EQUAL(std::string("B"), result.hits[0].name);
    CPPUNIT_ASSERT_EQUAL(std::string("sent by \"nobody\" -- really"), result.hits[0].reason);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(-0.5, result.hits[1].score, 1e-9);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, rules.rows().size());
    CPPUNIT_ASSERT(RuleSet().evaluate(sample()).hits.empty());
  }

  void bounce_rules() {
    const RuleSet rules({{"NOT", "bounce=mdn recipients > 100"},
                         {"FIRST", "bounce=failure null_sender -- from nobody"},
                         {"SECOND", "bounce = delay null_sender"}},
                        nullptr);
    const RuleResult result = rules.evaluate(sample());
    CPPUNIT_ASSERT(result.bounce_kind == BounceKind::kFailure);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, result.score, 1e-9);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, result.hits.size());
    CPPUNIT_ASSERT(rules.evaluate(Facts()).bounce_kind == BounceKind::kNone);
  }

  void rules_that_refer_to_rules() {
    const RuleSet rules({{"BOTH", "2 rule(_A) and rule(LATER) and not rule(OFF)"},
                         {"_A", "0 subject contains \"stock\""},
                         {"LATER", "1 pdf.encrypted"},
                         {"OFF", "off"},
                         {"NEVER", "5 rule(OFF)"},
                         {"INSIDE", "3 pdf.pages == 1 and rule(LATER) and pdf.name == \"a.pdf\""}},
                        nullptr);
    const RuleResult result = rules.evaluate(sample());
    CPPUNIT_ASSERT_DOUBLES_EQUAL(6, result.score, 1e-9);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, result.hits.size());
    CPPUNIT_ASSERT_DOUBLES_EQUAL(6, rules.evaluate_all(sample()).score, 1e-9);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(0, rules.evaluate(Facts()).score, 1e-9);
  }

  void references_that_cannot_be_followed() {
    Faults faults;
    const RuleSet rules({{"A", "1 rule(B)"},
                         {"B", "1 rule(A)"},
                         {"SELF", "1 rule(SELF)"},
                         {"LOST", "1 rule(NONE)"},
                         {"HURT", "1 rule(BAD)"},
                         {"BAD", "1 nonsense"},
                         {"GOOD", "1 null_sender"}},
                        &faults);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(1, rules.evaluate(sample()).score, 1e-9);
    CPPUNIT_ASSERT_EQUAL(size_t{6}, faults.size());
    std::string all;
    for (const auto& [name, reason] : faults) all += name + ": " + reason + "\n";
    for (const char* part :
         {"rules refer to each other in a circle: A -> B -> A", "circle: SELF -> SELF",
          "LOST: rule(NONE): there is no rule of this name", "HURT: rule(BAD): that rule has an error"}) {
      CPPUNIT_ASSERT_MESSAGE(all, all.find(part) != std::string::npos);
    }
    std::vector<RuleSet::Row> chain;
    for (int i = 0; i < 3000; ++i)
      chain.push_back({"C" + std::to_string(i), "1 rule(C" + std::to_string(i + 1) + ")"});
    chain.push_back({"C3000", "1 null_sender"});
    faults.clear();
    const RuleSet deep(chain, &faults);
    CPPUNIT_ASSERT_EQUAL(size_t{3001 - 33}, faults.size());
    CPPUNIT_ASSERT_DOUBLES_EQUAL(33, deep.evaluate(sample()).score, 1e-9);
  }

  void errors_name_the_column() {
    const auto check = [](const std::string& expected, const std::string& text) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, expected, fault(text));
    };
    check("column 1: expected a score, bounce=KIND or off, found the end", "");
    check("column 1: expected a score, bounce=KIND or off, found \"subject\"", "subject == \"x\"");
    check("column 3: there is no fact \"sbject\"", "1 sbject == \"x\"");
    check("column 12: expected a text in double quotes, found \"5\"", "1 sender ==5");
    check("column 14: recipients is a number: expected ==, !=, <, <=, >, >= or in", "1 recipients =~ /x/");
    check("column 11: subject is a text: expected ==, !=, =~, !~, contains or in", "1 subject > 5");
    check("column 3: recipients is a number: expected a comparison after it, for example > 0", "1 recipients");
    check("column 15: null_sender is true or false: write it alone, or with not before it", "1 null_sender == 1");
    check("column 14: pattern: quantifier does not follow a repeatable item", "1 sender =~ /*/");
    check("column 16: pattern: unknown flag \"q\": expected i, s, m or x", "1 sender =~ /a/q");
    check("column 13: the closing / of the pattern is missing", "1 sender =~ /a");
    check("column 13: the closing \" is missing", "1 sender == \"a");
    check("column 15: expected ), found the end", "1 (null_sender");
    check("column 15: expected and, or, -- or the end, found \")\"", "1 null_sender )");
    check("column 18: expected the name of a fact, not or (, found the end", "1 null_sender and");
    check("column 10: expected ==, !=, <, <=, >, >=, =~ or !~, found \"=\"", "1 sender = \"x\"");
    check("column 8: expected failure, delay, success, mdn, autoreply, challenge, feedback or other, found \"yes\"",
          "bounce=yes null_sender");
    check("column 1: a score is from -1000 to 1000", "1001 null_sender");
    check("column 5: expected nothing after off, found \"now\"", "off now");
    check("column 1: not a number: expected digits like 5, -1.5, 100k or 2M", "5x null_sender");
    check(
        "column 3: attachment.* stands with pdf.* or image.* under one or, or one not: make two rules of it and join "
        "them with rule(NAME)",
        "1 attachment.pdf or pdf.encrypted");
    CPPUNIT_ASSERT(fault("1 " + std::string(40, '(') + "null_sender" + std::string(40, ')')).find("30 levels") !=
                   std::string::npos);
    CPPUNIT_ASSERT(fault("1 null_sender -- " + std::string(300, 'x')).find("200 bytes") != std::string::npos);
    CPPUNIT_ASSERT(fault("1 subject contains \"" + std::string(9000, 'x') + "\"").find("8192") != std::string::npos);
  }

  void bad_rows_harm_no_others() {
    Faults faults;
    const RuleSet rules({{"A", "1 null_sender"},
                         {"A", "2 null_sender"},
                         {"2X", "1 null_sender"},
                         {"B", "1 null_sender"},
                         {"_H", "1 null_sender"}},
                        &faults);
    CPPUNIT_ASSERT_DOUBLES_EQUAL(2, rules.evaluate(sample()).score, 1e-9);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, faults.size());
    CPPUNIT_ASSERT_EQUAL(std::string("there are two rules of this name"), faults[0].second);
  }

  void patterns_are_bounded() {
    Facts facts;
    facts.body.text = std::string(60'000, 'a');
    CPPUNIT_ASSERT(!hits("body.text =~ /(a+)+b/", facts));
    CPPUNIT_ASSERT(!hits("body.text =~ /^(a|aa)+$x/", facts));
    facts.body.text = "abc\xff stock \xc3\xa4 \xff";  // not UTF-8: the good stretches are still read
    CPPUNIT_ASSERT(hits("body.text =~ /STOCK \xc3\x84/i", facts));
    facts.body.text = "\xc5\xbftoc\xe2\x84\xaa";  // long s, Kelvin sign: equal to s and k without regard to case
    CPPUNIT_ASSERT(hits("body.text =~ /^stock$/i", facts));
  }

  void when_a_body_is_needed() {
    const auto rules = [](const std::string& condition) { return RuleSet({{"R", "1 " + condition}}, nullptr); };
    CPPUNIT_ASSERT(!rules("null_sender").needs_every_body());
    CPPUNIT_ASSERT(!rules("body.visible_chars < 4 and pdf.pages == 1").needs_every_body());
    CPPUNIT_ASSERT(!rules("body.visible_chars < 4 and attachment.pdf").needs_every_body());
    const RuleSet text = rules("subject contains \"stock\" and body.text =~ /buy/i");
    CPPUNIT_ASSERT(text.needs_every_body());
    Facts headers;
    CPPUNIT_ASSERT(!text.evaluate_head(headers).needs_body);
    headers.message.subject = "stock";
    CPPUNIT_ASSERT(text.evaluate_head(headers).needs_body);
    CPPUNIT_ASSERT(rules("not body.text").evaluate_head(Facts()).needs_body);
    const RuleSet chain({{"A", "1 null_sender and rule(_B)"}, {"_B", "0 report.quotes_original"}}, nullptr);
    CPPUNIT_ASSERT(chain.needs_every_body());
    CPPUNIT_ASSERT(!RuleSet().evaluate_head(headers).needs_body);
  }

  // A rule about the size has to wait for it; all else is known with the headers where no body is needed.
  void what_the_headers_decide() {
    Facts headers;
    headers.message.subject = "stock";
    const RuleSet known({{"A", "2 subject contains \"stock\""}, {"B", "1 pdf.pages == 1"}}, nullptr);
    const HeadAnswer answer = known.evaluate_head(headers);
    CPPUNIT_ASSERT(!answer.needs_body && answer.result && answer.result->hits.size() == 1);
    CPPUNIT_ASSERT_EQUAL(2.0, answer.result->score);
    const RuleSet size({{"A", "2 subject contains \"stock\""}, {"B", "1 bytes > 100"}}, nullptr);
    CPPUNIT_ASSERT(!size.evaluate_head(headers).needs_body && !size.evaluate_head(headers).result);
    const RuleSet body({{"A", "2 body.text contains \"stock\""}}, nullptr);
    CPPUNIT_ASSERT(body.evaluate_head(headers).needs_body && !body.evaluate_head(headers).result);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RulesTest);

}  // namespace postern
