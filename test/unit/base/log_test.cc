// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <array>
#include <string>

#include "base/fd.h"

namespace postern {
namespace {

// What log() writes to standard error, which is a pipe meanwhile.
std::string logged(LogLevel level, std::string_view text, bool debug) {
  std::array<int, 2> ends{};
  CPPUNIT_ASSERT_EQUAL(0, pipe(ends.data()));
  const Fd in(ends[0]);
  Fd out(ends[1]);
  const Fd saved(dup(STDERR_FILENO));
  dup2(out.get(), STDERR_FILENO);
  open_log(LogTarget::kStderr, "prog", debug ? LogLevel::kDebug : LogLevel::kInfo);
  log(level, text);
  dup2(saved.get(), STDERR_FILENO);
  out.reset();
  open_log(LogTarget::kStderr, "");
  std::string all(8192, '\0');
  const ssize_t got = read(in.get(), all.data(), all.size());
  all.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return all;
}

}  // namespace

class LogTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(LogTest);
  CPPUNIT_TEST(builds_a_line_like_the_mta);
  CPPUNIT_TEST(escapes_and_caps_values);
  CPPUNIT_TEST(writes_levels);
  CPPUNIT_TEST(never_writes_two_lines);
  CPPUNIT_TEST_SUITE_END();

 public:
  void builds_a_line_like_the_mta() {
    LogLine line("4F2A1");
    line.add("client", "[192.0.2.1]").add_address("from", "").add("nrcpt", uint64_t{2}).add("score", 5.25, 1);
    line.reason("quotes no stamp");
    CPPUNIT_ASSERT_EQUAL(std::string("4F2A1: client=[192.0.2.1], from=<>, nrcpt=2, score=5.2 (quotes no stamp)"),
                         line.text());
    CPPUNIT_ASSERT_EQUAL(std::string("x:"), LogLine("x").text());
    CPPUNIT_ASSERT_EQUAL(std::string("x:"), LogLine("x").reason("").text());
  }

  void escapes_and_caps_values() {
    LogLine line("x");
    line.add("a", "b\nforged: c=\"d\"");
    CPPUNIT_ASSERT_EQUAL(std::string("x: a=b\\x0aforged: c=\\x22d\\x22"), line.text());
    LogLine longer("x");
    longer.add_address("to", std::string(1000, 'y'));
    CPPUNIT_ASSERT(longer.text().size() < 400);
    CPPUNIT_ASSERT(longer.text().ends_with("...>"));
  }

  void writes_levels() {
    CPPUNIT_ASSERT_EQUAL(std::string("prog: error: a\n"), logged(LogLevel::kError, "a", false));
    CPPUNIT_ASSERT_EQUAL(std::string("prog: warning: a\n"), logged(LogLevel::kWarning, "a", false));
    CPPUNIT_ASSERT_EQUAL(std::string("prog: a\n"), logged(LogLevel::kInfo, "a", false));
    CPPUNIT_ASSERT_EQUAL(std::string("prog: debug: a\n"), logged(LogLevel::kDebug, "a", true));
    CPPUNIT_ASSERT_EQUAL(std::string(), logged(LogLevel::kDebug, "a", false));
  }

  void never_writes_two_lines() {
    const std::string text = logged(LogLevel::kInfo, std::string("a\nb\r\x7f") + std::string(5000, 'c'), false);
    CPPUNIT_ASSERT(text.starts_with("prog: a?b??ccc"));
    CPPUNIT_ASSERT_EQUAL(text.size() - 1, text.find('\n'));
    CPPUNIT_ASSERT(text.size() < 2100);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);

}  // namespace postern
