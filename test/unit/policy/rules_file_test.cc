// SPDX-License-Identifier: GPL-2.0-or-later
// Rules files, fields of the rules hash, and the built-in pack.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "policy/default_rules.h"
#include "policy/fact_names.h"
#include "policy/rules.h"

namespace postern {

class RulesFileTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RulesFileTest);
  CPPUNIT_TEST(files);
  CPPUNIT_TEST(errors_name_file_line_and_column);
  CPPUNIT_TEST(bad_rows_of_a_file_are_left_out);
  CPPUNIT_TEST(hash_fields);
  CPPUNIT_TEST(built_in_rules_are_the_files);
  CPPUNIT_TEST(examples_of_the_manual_page_are_rules);
  CPPUNIT_TEST(own_rules_replace_and_switch_off);
  CPPUNIT_TEST(fact_names_come_from_the_facts);
  CPPUNIT_TEST_SUITE_END();

  void files() {
    const auto rows =
        parse_rules_file("x.rules",
                         "\xef\xbb\xbf# comment\r\n\r\nA 1 null_sender\r\n  and\r\n\n # inside\n\tsubject -- why\n"
                         "B\toff\n");
    CPPUNIT_ASSERT(rows.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, rows->size());
    CPPUNIT_ASSERT_EQUAL(std::string("A"), rows.value()[0].name);
    CPPUNIT_ASSERT_EQUAL(std::string("1 null_sender and subject -- why"), rows.value()[0].text);
    CPPUNIT_ASSERT_EQUAL(std::string("off"), rows.value()[1].text);
    CPPUNIT_ASSERT(parse_rules_file("x", "")->empty());
  }

  static std::string fault(std::string_view text) {
    const auto rows = parse_rules_file("dir/x.rules", text);
    CPPUNIT_ASSERT_MESSAGE(std::string(text), !rows.ok());
    return rows.error().text;
  }

  void errors_name_file_line_and_column() {
    CPPUNIT_ASSERT_EQUAL(std::string("dir/x.rules:2:5: rule A: there is no fact \"sbject\""),
                         fault("# c\nA 1 sbject\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("dir/x.rules:3:7: rule A: there is no fact \"sbject\""),
                         fault("A 1 null_sender\n # c\n  and sbject\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("dir/x.rules:1:2: rule A: expected a score, bounce=KIND or off, found the end"),
                         fault("A\n"));
    CPPUNIT_ASSERT_EQUAL(std::string("dir/x.rules:2: rule A stands in line 1 already"), fault("A off\nA off\n"));
    CPPUNIT_ASSERT_EQUAL(
        std::string("dir/x.rules:1: \"1A\" is not a name for a rule: expected at most 64 letters, digits "
                    "and _, not a digit first"),
        fault("1A off\n"));
  }

  void bad_rows_of_a_file_are_left_out() {
    std::vector<std::pair<std::string, std::string>> faults;
    const auto rows = read_rules_file("x", "A 1 null_sender\nB 1 nonsense\nC off\nC off\n", faults);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, rows.size());
    CPPUNIT_ASSERT_EQUAL(size_t{2}, faults.size());
    CPPUNIT_ASSERT_EQUAL(std::string("B"), faults[0].first);
    CPPUNIT_ASSERT_EQUAL(std::string("C"), faults[1].first);
  }

  void hash_fields() {
    CPPUNIT_ASSERT_EQUAL(std::string("1 null_sender"), parse_rule_row("A", " 1 null_sender\n")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("1 null_sender"), parse_rule_row("A", "A 1 null_sender")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("off"), parse_rule_row("A", "A\toff")->text);
    CPPUNIT_ASSERT_EQUAL(std::string("rule A, column 5: there is no fact \"sbject\""),
                         parse_rule_row("A", "A 1 sbject").error().text);
    CPPUNIT_ASSERT_EQUAL(std::string("rule A, column 3: there is no fact \"sbject\""),
                         parse_rule_row("A", "1 sbject").error().text);
    CPPUNIT_ASSERT(!parse_rule_row("A", "AB 1 null_sender").ok());
    CPPUNIT_ASSERT(!parse_rule_row("A B", "1 null_sender").ok());
    CPPUNIT_ASSERT(!parse_rule_row("A", "").ok());
  }

  static std::string read_source(const std::filesystem::path& path) {
    const char* const top = std::getenv("top_srcdir");
    std::ifstream in(std::filesystem::path(top == nullptr ? "." : top) / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

  void examples_of_the_manual_page_are_rules() {
    const std::string page = read_source("man/postern-rules.5.in");
    const size_t section = page.find(".Sh EXAMPLES");
    CPPUNIT_ASSERT(section != std::string::npos);
    const size_t first = page.find('\n', page.find(".Bd", section)) + 1;
    const auto rows = parse_rules_file("postern-rules.5", page.substr(first, page.find(".Ed", first) - first));
    CPPUNIT_ASSERT_MESSAGE(rows.ok() ? "" : rows.error().text, rows.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{4}, rows->size());
  }

  void built_in_rules_are_the_files() {
    std::vector<std::pair<std::string, std::string>> faults;
    const RuleSet rules(default_rules(), &faults);
    CPPUNIT_ASSERT_MESSAGE(faults.empty() ? "" : faults[0].first + ": " + faults[0].second, faults.empty());
    CPPUNIT_ASSERT(!default_rules().empty());
    const char* const top = std::getenv("top_srcdir");
    const std::filesystem::path directory = std::filesystem::path(top == nullptr ? "." : top) / "rules";
    size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.path().extension() != ".rules") continue;
      ++files;
      const std::string text = read_source("rules" / entry.path().filename());
      bool same = false;
      for (const EmbeddedFile* file = embedded_rules(); file->path != nullptr; ++file) {
        same = same || (std::string(file->path) == "rules/" + entry.path().filename().string() && file->text == text);
      }
      CPPUNIT_ASSERT_MESSAGE(entry.path().string() + " is not built in as it stands", same);
    }
    CPPUNIT_ASSERT(files > 0);
  }

  void own_rules_replace_and_switch_off() {
    const RuleSet::Row& first = default_rules().front();
    const auto rows = with_default_rules({{"MINE", "1 null_sender"}, {first.name, "off"}});
    CPPUNIT_ASSERT_EQUAL(default_rules().size() + 1, rows.size());
    CPPUNIT_ASSERT_EQUAL(first.name, rows.front().name);
    CPPUNIT_ASSERT_EQUAL(std::string("off"), rows.front().text);
    CPPUNIT_ASSERT_EQUAL(std::string("MINE"), rows.back().name);
  }

  void fact_names_come_from_the_facts() {
    CPPUNIT_ASSERT(find_fact("pdf.pages") != nullptr && find_fact("pdf.pages")->type == FactType::kCount);
    CPPUNIT_ASSERT(find_fact("image.coverage")->type == FactType::kNumber);
    CPPUNIT_ASSERT(find_fact("report.stamps")->type == FactType::kList);
    CPPUNIT_ASSERT(find_fact("NULL_SENDER")->type == FactType::kFlag);
    CPPUNIT_ASSERT(find_fact("pages") == nullptr && find_fact("") == nullptr);
    for (const FactInfo& fact : fact_table()) {
      CPPUNIT_ASSERT_MESSAGE(fact.name, !fact.help.empty());
      const bool alone = std::count_if(fact_table().begin(), fact_table().end(),
                                       [&](const FactInfo& other) { return other.name == fact.name; }) == 1;
      CPPUNIT_ASSERT_MESSAGE(fact.name, alone);
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RulesFileTest);

}  // namespace postern
