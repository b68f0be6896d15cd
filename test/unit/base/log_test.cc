// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/log.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
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
  CPPUNIT_TEST(no_value_looks_like_a_pair);
  CPPUNIT_TEST(writes_fields_to_the_journal);
  CPPUNIT_TEST(no_value_is_a_second_journal_field);
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

  void no_value_looks_like_a_pair() {
    LogLine line("x");
    line.add_address("from", "\"a>, verdict=clean, b=<\"@example.org")
        .add("rules", "A,B")
        .add("note", "c, verdict=spam");
    CPPUNIT_ASSERT_EQUAL(std::string("x: from=<\\x22a\\x3e\\x2c\\x20verdict=clean\\x2c\\x20b=\\x3c\\x22@example.org>, "
                                     "rules=A,B, note=c\\x2c verdict=spam"),
                         line.text());
  }

  void writes_fields_to_the_journal() {
    std::string directory = "/tmp/log-test-XXXXXX";
    CPPUNIT_ASSERT(mkdtemp(directory.data()) != nullptr);
    const std::string path = directory + "/socket";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const Fd journal(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    CPPUNIT_ASSERT_EQUAL(0, bind(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
    open_log(LogTarget::kJournal, "prog", LogLevel::kInfo, path);
    LogLine line("4F1");
    line.add("verdict", "spam").add_address("to", "a@example.com").also("action", "tag").reason("two words");
    log(LogLevel::kWarning, line);
    open_log(LogTarget::kStderr, "");
    std::string got(4096, '\0');
    const ssize_t size = recv(journal.get(), got.data(), got.size(), MSG_DONTWAIT);
    unlink(path.c_str());
    rmdir(directory.c_str());
    CPPUNIT_ASSERT(size > 0);
    got.resize(static_cast<size_t>(size));
    CPPUNIT_ASSERT_EQUAL(
        std::string("MESSAGE=4F1: verdict=spam, to=<a@example.com> action=tag (two words)\nPRIORITY=4\n"
                    "SYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=prog\nSYSLOG_PID=") +
            std::to_string(getpid()) +
            "\nPOSTERN_ID=4F1\nPOSTERN_VERDICT=spam\nPOSTERN_TO=<a@example.com>\nPOSTERN_ACTION=tag\n"
            "POSTERN_REASON=two words\n",
        got);
  }

  void no_value_is_a_second_journal_field() {
    CPPUNIT_ASSERT_EQUAL(std::string("A=b\nC\n\x09\0\0\0\0\0\0\0x\nEVIL=yz\nD=\n", 27),
                         journal_entry({{"A", "b"}, {"C", "x\nEVIL=yz"}, {"D", ""}}));
    CPPUNIT_ASSERT_EQUAL(std::string("POSTERN_QUEUE_ID"), journal_name("queue-id"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);

}  // namespace postern
