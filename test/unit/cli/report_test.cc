// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <ctime>

#include "cli/log_source.h"
#include "cli/report_sum.h"

namespace postern {
namespace {

constexpr UnixTime kNow = 1795266000;  // 2026-11-21T13:00:00Z

const std::string kAt = "2026-11-20T10:00:00.123456+00:00 mx postern-milter[9]: ";
const std::string kClean =
    "4ABCDE: client=[192.0.2.1], from=<a@example.org>, to=<b@example.com>, nrcpt=1, size=9, "
    "verdict=clean, score=0.0, rules=-, action=deliver, generation=1, digest=x, delay=0.001";
const std::string kSpam =
    "4ABCDF: client=[192.0.2.1], from=<a@example.org>, to=<b@example.com>, nrcpt=2, size=9, "
    "verdict=spam, score=6.0, rules=ONE,TWO, action=monitor, generation=1, digest=x, "
    "delay=0.001, to=<b@example.com> action=tag policy=*, to=<c@example.net> action=reject "
    "policy=@example.net (score 6.0)";
const std::string kBlocked =
    "SAAAAAAAAAAA: client=[203.0.113.77], verdict=blocked, action=monitor, generation=1, "
    "digest=x (no listed network matches)";
const std::string kHeldBack =
    "4ABCDG: client=[192.0.2.1], from=<>, to=<b@example.com>, nrcpt=1, size=9, "
    "verdict=clean, score=0.0, rules=B, bounce=monitor, report=failure/none, "
    "would-be=forged-bounce, action=deliver, generation=1, digest=x, delay=0.001";
const std::string kOut =
    "4ABCDH: client=[192.0.2.1], from=<b@example.com>, to=<z@example.net>, nrcpt=1, size=9, "
    "verdict=clean, score=0.0, rules=-, action=deliver, direction=outbound, generation=1, "
    "digest=x, delay=0.001 (stamped)";

}  // namespace

class ReportTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReportTest);
  CPPUNIT_TEST(sums_up);
  CPPUNIT_TEST(leaves_other_lines_alone);
  CPPUNIT_TEST(keeps_to_the_period);
  CPPUNIT_TEST(reads_the_times_of_logs);
  CPPUNIT_TEST_SUITE_END();

 public:
  void sums_up() {
    Report report;
    for (const std::string& line : {kClean, kSpam, kBlocked, kHeldBack, kOut})
      add_to_report(report, kAt + line, {}, kNow);
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, report.inbound);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.outbound);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.refused.watched);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, report.refused.done);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, report.verdicts["clean"].done);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.verdicts["spam"].watched);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.actions["tag"].watched);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.actions["reject"].watched);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.rules["TWO"]);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, report.rules.size());
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, report.domains["example.com"].messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.domains["example.com"].not_clean);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.domains["example.net"].messages);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.networks["203.0.113.0/24"]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.held_back["forged-bounce"]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.held_back_domains["example.com"]);
    CPPUNIT_ASSERT_EQUAL(UnixTime{1795168800}, *report.first);
  }

  void leaves_other_lines_alone() {
    Report report;
    for (const std::string& line :
         {kAt + "started: version=0.1.0, verdicts=none",
          std::string("2026-11-20T10:00:00Z mx postfix/smtpd[1]: " + kSpam), kAt + "4ABCDF: header: something threw",
          std::string(), "x postern-milter: (" + kSpam,
          std::string("2026-11-20T10:00:00Z mx app[1]: said postern-milter[9]: it")}) {
      add_to_report(report, line, {}, kNow);
    }
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, report.lines);
  }

  void keeps_to_the_period() {
    Report report;
    const Period late{UnixTime{1795168801}, std::nullopt}, exact{UnixTime{1795168800}, UnixTime{1795168800}};
    add_to_report(report, kAt + kClean, late, kNow);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, report.lines);
    add_to_report(report, kAt + kClean, exact, kNow);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.lines);
    add_to_report(report, "postern-milter: " + kClean, exact, kNow);  // as standard error has it
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.lines);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, report.undated);
    add_to_report(report, "postern-milter: " + kClean, {}, kNow);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, report.lines);
  }

  void reads_the_times_of_logs() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    const auto at = [](const char* line) { return log_time(line, kNow).value_or(-1); };
    CPPUNIT_ASSERT_EQUAL(UnixTime{1795168800}, at("2026-11-20T10:00:00.123456+00:00 mx x"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1795168800}, at("2026-11-20T11:00:00+0100 mx x"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1795168800}, at("2026-11-20T10:00:00Z mx x"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1795168800}, at("Nov 20 10:00:00 mx x"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1793527200}, at("Nov  1 10:00:00 mx x"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1767175200}, at("Dec 31 10:00:00 mx x"));  // of the year before
    for (const char* line :
         {"", "postern-milter: x", "Xyz 20 10:00:00 x", "2026-11-20 10:00:00 mx", "anF 20 10:00:00 x"})
      CPPUNIT_ASSERT_EQUAL(UnixTime{-1}, at(line));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReportTest);

}  // namespace postern
