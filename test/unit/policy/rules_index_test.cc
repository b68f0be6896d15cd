// SPDX-License-Identifier: GPL-2.0-or-later
// The short cuts of a big table of rules: literals of patterns, their index, and that no answer depends on them.
#include <cppunit/extensions/HelperMacros.h>

#include <random>

#include "base/strings.h"
#include "policy/literal_index.h"
#include "policy/rule_literals.h"
#include "policy/rule_pattern.h"
#include "policy/rules.h"

namespace postern {
namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  size_t below(size_t limit) { return static_cast<size_t>(engine_() % limit); }
  template <size_t N>
  std::string of(const char* const (&list)[N]) {
    return list[below(N)];
  }

 private:
  std::mt19937_64 engine_;
};

// A pattern out of pieces that are likely to match a text out of the same pieces.
std::string pattern(Random& random, int depth) {
  static const char* const kPieces[] = {
      "stock", "abcd",  "kiss",    "x",     "a",      "k",       "\\d",         ".",   "\\.",       "[a-k]",
      "[^]x]", "\\x41", "\\x{6b}", "\\bab", "\\p{L}", "\\pL",    "ä",           "\\/", "^",         "$",
      "\\t",   " ",     "#",       "-",     "{",      "ab{2}cd", "[[:alpha:]]", "\\1", "\\QAB.\\E", "\\w"};
  static const char* const kQuantifiers[] = {"*", "?", "+", "{0}", "{1}", "{2,3}", "{0,2}", "{1,}", "+?", "*+", "??"};
  static const char* const kGroups[] = {"(", "(?:", "(?>", "(?<n>", "(?=", "(?!", "(?<=", "(?i)(", "(?|", "(?#c)("};
  std::string out;
  for (size_t i = 0; i < 1 + random.below(4); ++i) {
    if (depth < 3 && random.below(4) == 0) {
      out += random.of(kGroups) + pattern(random, depth + 1) + ")";
    } else {
      out += random.of(kPieces);
    }
    if (random.below(5) == 0) out += random.of(kQuantifiers);
  }
  if (random.below(4) == 0) out += "|" + pattern(random, depth + 1);
  return out;
}

std::string subject(Random& random) {
  static const char* const kPieces[] = {"stock",
                                        "STOCK",
                                        "abcd",
                                        "kiss",
                                        "x",
                                        "a",
                                        "K",
                                        "7",
                                        ".",
                                        ".",
                                        "ä",
                                        "Ä",
                                        "A",
                                        "/",
                                        "\t",
                                        " ",
                                        "#",
                                        "{",
                                        "abbcd",
                                        "abbbcd",
                                        "k",
                                        "\xff",
                                        "\xe2\x84\xaa",
                                        "\xc5\xbf",
                                        "-",
                                        "b",
                                        "AB.",
                                        "aabb",
                                        "\n",
                                        "s"};
  std::string out;
  for (size_t i = 0; i < random.below(14); ++i) out += random.of(kPieces);
  return out;
}

}  // namespace

class RulesIndexTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RulesIndexTest);
  CPPUNIT_TEST(literals_of_patterns);
  CPPUNIT_TEST(every_match_holds_a_literal);
  CPPUNIT_TEST(index_finds_what_stands_there);
  CPPUNIT_TEST(index_and_trying_every_rule_agree);
  CPPUNIT_TEST_SUITE_END();

  static std::string literals(std::string_view pattern, std::string_view flags = "i") {
    return join(required_literals(pattern, flags), " ");
  }

  void literals_of_patterns() {
    const std::vector<std::pair<std::string, std::string>> expected{
        {"Viagra", "viagra"},
        {"\\b(viagra|cialis)\\b", "viagra cialis"},
        {"(?:cheap|best) (?<what>meds|pills)+", "cheap"},
        {"colou?r of money", "r of money"},
        {"abcde*f", "abcd"},
        {"\\.exe$", ".exe"},
        {"abc", ""},
        {"foo|barbaz", ""},
        {"[abc]defg\\d+hijkl", "hijkl"},
        {"longest(?!never matched)", "longest"},
        {"(?i)anything", ""},
        {"\\Qa.b.c\\E", ""},
        {"n{2}early", "early"},
        {"grün(?:lich)?", ""},
        {"(optional)?needed", "needed"},
        {"(optional)*", ""},
        {"\\x41bcdef\\x{42}", "bcdef"},
        {"stock\\s+report", "report"},
    };
    for (const auto& [text, wanted] : expected) {
      const std::string got = literals(text);
      CPPUNIT_ASSERT_MESSAGE(text + " gave " + got,
                             wanted.empty() ? got.empty() : got.find(wanted.substr(0, 5)) == 0);
    }
    CPPUNIT_ASSERT_EQUAL(std::string("viagra cialis"), literals("\\b(viagra|cialis)\\b"));
    CPPUNIT_ASSERT_EQUAL(std::string("helloworld"), literals("hello world # not this part", "x"));
    CPPUNIT_ASSERT_EQUAL(std::string(), literals(std::string(100, '(') + "abcdef" + std::string(100, ')')));
  }

  void every_match_holds_a_literal() {
    Random random(20070815);
    size_t compiled = 0;
    size_t matched = 0;
    for (int i = 0; i < 30'000; ++i) {
      const std::string text = pattern(random, 0);
      const std::string flags = random.of({"", "i", "x", "ix", "s", "m"});
      Pattern::Fault fault;
      const PatternPtr made = Pattern::compile(text, flags, fault);
      if (!made) continue;
      ++compiled;
      for (int k = 0; k < 8; ++k) {
        const std::string message = subject(random);
        if (made->literals().empty() || !made->matches(message)) continue;
        ++matched;
        const std::string folded = fold(message);
        bool held = false;
        for (const std::string& each : made->literals()) held = held || folded.find(each) != std::string::npos;
        CPPUNIT_ASSERT_MESSAGE(
            "/" + text + "/" + flags + " matches \"" + message + "\" without any of: " + join(made->literals(), " "),
            held);
      }
    }
    CPPUNIT_ASSERT(compiled > 10'000);
    CPPUNIT_ASSERT(matched > 500);
  }

  void index_finds_what_stands_there() {
    Random random(7);
    const auto letters = [&random](size_t length) {
      std::string out;
      for (size_t i = 0; i < length; ++i) out += static_cast<char>('a' + random.below(3));
      return out;
    };
    std::vector<std::string> words;
    LiteralIndex index;
    for (uint32_t i = 0; i < 500; ++i) {
      words.push_back(letters(4 + random.below(9)));
      index.add(words.back(), i);
    }
    index.build();
    for (int round = 0; round < 300; ++round) {
      const std::string text = letters(random.below(60));
      std::vector<uint64_t> found(words.size() / 64 + 1);
      index.find(text, found);
      for (size_t i = 0; i < words.size(); ++i) {
        CPPUNIT_ASSERT_EQUAL_MESSAGE(words[i] + " in " + text, text.find(words[i]) != std::string::npos,
                                     (found[i / 64] >> (i % 64) & 1) != 0);
      }
    }
    LiteralIndex none;
    none.build();
    std::vector<uint64_t> found(1);
    none.find("anything", found);
    CPPUNIT_ASSERT(none.empty() && found[0] == 0);
  }

  static std::string condition(Random& random, int depth) {
    const auto text = [&random] { return '"' + random.of({"stock", "abcd", "kiss", "x", "ab", "stockabcd"}) + '"'; };
    const size_t choice = random.below(depth < 2 ? 14 : 11);
    switch (choice) {
      case 0:
        return "subject contains " + text();
      case 1:
        return "body.text =~ /" + random.of({"stock|abcd", "a+b", "kiss.x", "^stock"}) + "/i";
      case 2:
        return "pdf.producer == " + text();
      case 3:
        return "image.filter in (" + text() + ", \"DCT\")";
      case 4:
        return "attachment.name =~ /kiss$/";
      case 5:
        return "header.X-Mailer != " + text();
      case 6:
        return "recipients > " + std::to_string(random.below(4));
      case 7:
        return "null_sender";
      case 8:
        return "report.stamps contains " + text();
      case 9:
        return "rule(R" + std::to_string(random.below(20)) + ")";
      case 10:
        return "pdf.pages < " + std::to_string(random.below(4));
      case 11:
        return "not (" + condition(random, depth + 1) + ")";
      case 12:
        return "(" + condition(random, depth + 1) + " or " + condition(random, depth + 1) + ")";
      default:
        return condition(random, depth + 1) + " and " + condition(random, depth + 1);
    }
  }

  static Facts facts(Random& random) {
    Facts out;
    out.message.subject = subject(random);
    out.message.null_sender = random.below(2) == 0;
    out.message.recipients = random.below(4);
    out.body.text = subject(random);
    out.headers.push_back({"x-mailer", subject(random)});
    for (size_t i = 0; i < random.below(3); ++i) out.body.report.stamps.push_back(subject(random));
    out.body.pdfs.resize(random.below(3));
    for (PdfFacts& pdf : out.body.pdfs) {
      pdf.producer = random.of({"stock", "kiss", "x", ""});
      pdf.pages = random.below(4);
      pdf.images.resize(random.below(3));
      for (ImageFacts& image : pdf.images) image.filter = random.of({"DCT", "abcd", "LZW"});
    }
    out.body.images.resize(random.below(2));
    out.body.attachments.resize(random.below(3));
    for (AttachmentFacts& each : out.body.attachments) each.name = subject(random) + random.of({"kiss", ""});
    return out;
  }

  void index_and_trying_every_rule_agree() {
    Random random(42);
    size_t hits = 0;
    for (int round = 0; round < 400; ++round) {
      std::vector<RuleSet::Row> rows;
      for (int i = 0; i < 20; ++i) rows.push_back({"R" + std::to_string(i), "1 " + condition(random, 0)});
      const RuleSet rules(rows, nullptr);
      for (int k = 0; k < 10; ++k) {
        const Facts message = facts(random);
        const RuleResult fast = rules.evaluate(message);
        const RuleResult slow = rules.evaluate_all(message);
        CPPUNIT_ASSERT_EQUAL(slow.hits.size(), fast.hits.size());
        for (size_t i = 0; i < slow.hits.size(); ++i) CPPUNIT_ASSERT_EQUAL(slow.hits[i].name, fast.hits[i].name);
        hits += slow.hits.size();
      }
    }
    CPPUNIT_ASSERT(hits > 5'000);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RulesIndexTest);

}  // namespace postern
