// SPDX-License-Identifier: GPL-2.0-or-later
// Cutting and unfolding lines, against what one would write without a thought for speed, on every short text.
#include "mail/lines.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <vector>

#include "base/strings.h"
#include "mail/header.h"

namespace postern {
namespace {

std::vector<std::string> plain_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::string line;
  bool open = false;
  for (size_t i = 0; i < text.size(); ++i) {
    open = true;
    if (text[i] != '\r' && text[i] != '\n') {
      line += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    lines.push_back(line);
    line.clear();
    open = false;
  }
  if (open) lines.push_back(line);
  return lines;
}

std::string plain_unfolded(const std::string& raw) {
  std::string out;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\r' && raw[i] != '\n') {
      out += raw[i];
      continue;
    }
    while (i + 1 < raw.size() && is_space(raw[i + 1])) ++i;
    out += ' ';
  }
  return std::string(trim(out));
}

// Every text of up to `longest` of these characters.
template <class Visit>
void every_text(const std::string& characters, size_t longest, Visit visit, const std::string& start = "") {
  visit(start);
  if (start.size() == longest) return;
  for (const char c : characters) every_text(characters, longest, visit, start + c);
}

}  // namespace

class LinesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LinesTest);
  CPPUNIT_TEST(cuts);
  CPPUNIT_TEST(says_where);
  CPPUNIT_TEST(unfolds);
  CPPUNIT_TEST_SUITE_END();

 public:
  void cuts() {
    every_text("a\r\n", 8, [](const std::string& text) {
      std::vector<std::string> found;
      LineReader lines(text);
      for (std::string_view line; lines.next(line);) found.emplace_back(line);
      CPPUNIT_ASSERT_MESSAGE(hex(text), plain_lines(text) == found);
    });
  }

  void says_where() {
    LineReader lines("ab\r\n\rc\n");
    std::string_view line;
    CPPUNIT_ASSERT(lines.next(line) && lines.start() == 0 && lines.offset() == 4);
    CPPUNIT_ASSERT(lines.next(line) && lines.start() == 4 && lines.offset() == 5);
    CPPUNIT_ASSERT(lines.next(line) && lines.start() == 5 && lines.offset() == 7);
    CPPUNIT_ASSERT(!lines.next(line));
  }

  void unfolds() {
    every_text("a \r\n", 7, [](const std::string& text) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(hex(text), plain_unfolded(text), unfold(text));
    });
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LinesTest);

}  // namespace postern
