// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>
#include <thread>

namespace postern {
namespace {

std::string iso(std::string_view text) {
  const auto time = parse_iso_time(text);
  return time ? iso_time(*time) : "error";
}
void assert_text(std::string_view wanted, const std::string& found) {
  CPPUNIT_ASSERT_EQUAL(std::string(wanted), found);
}
UnixTime mail(std::string_view text) { return parse_mail_date(text).value_or(-1); }

}  // namespace

class ClockTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ClockTest);
  CPPUNIT_TEST(reads_iso_times);
  CPPUNIT_TEST(refuses_other_times);
  CPPUNIT_TEST(reads_mail_dates);
  CPPUNIT_TEST(writes_mail_dates);
  CPPUNIT_TEST(reads_durations);
  CPPUNIT_TEST(deadlines_pass);
  CPPUNIT_TEST(counts_days);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_iso_times() {
    CPPUNIT_ASSERT_EQUAL(UnixTime{1187136000}, parse_iso_time("2007-08-15T00:00:00Z").value());
    assert_text("2007-08-15T00:00:00Z", iso("2007-08-15"));
    assert_text("2007-08-15T00:00:00Z", iso("2007-08-15t00:00:00z"));
    assert_text("2007-08-14T22:00:00Z", iso("2007-08-15T00:00:00+02:00"));
    assert_text("2007-08-15T03:30:00Z", iso("2007-08-15T00:00:00-03:30"));
    assert_text("2000-02-29T23:59:59Z", iso("2000-02-29T23:59:59Z"));
    assert_text("1970-01-01T00:00:00Z", iso("1970-01-01"));
    assert_text("9999-12-31T23:59:59Z", iso("9999-12-31T23:59:59Z"));
  }

  void refuses_other_times() {
    for (const std::string_view text :
         {"", "2007", "2007-8-15", "2007-13-01", "2007-02-29", "2100-02-29", "2007-00-10", "2007-08-00",
          "2007-08-15T00:00:00", "2007-08-15T24:00:01Z", "2007-08-15T00:61:00Z", "2007-08-15T00:00:00Zx",
          "2007-08-15 00:00:00Z", "2007-08-15T00:00:00+2", "1969-12-31", "1970-01-01T00:00:00+00:01",
          "9999-12-31T23:59:59-00:01", "tomorrow", "+007-08-15"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(text), std::string("error"), iso(text));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("\"x\" is not a time like 2007-08-15T00:00:00Z (1970 to 9999)"),
                         parse_iso_time("x").error().text);
  }

  void writes_mail_dates() {
    assert_text("Thu, 01 Jan 1970 00:00:00 +0000", mail_date(0));
    assert_text("Tue, 29 Feb 2000 23:59:59 +0000", mail_date(951868799));
    for (const UnixTime time : {UnixTime{1187136000}, UnixTime{1795687200}})
      CPPUNIT_ASSERT_EQUAL(time, mail(mail_date(time)));
  }

  void reads_mail_dates() {
    CPPUNIT_ASSERT_EQUAL(UnixTime{1187136000}, mail("Wed, 15 Aug 2007 00:00:00 +0000"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1187136000}, mail("15 Aug 2007 02:00:00 +0200"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1187136000}, mail("Tue, 14 Aug 2007 20:00:00 EDT"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1187136000}, mail("Wed, 15 Aug 07 00:00 GMT"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{-1}, mail("Wed, 31 Feb 2007 00:00:00 +0000"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{-1}, mail("yesterday"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{-1}, mail(""));
  }

  void reads_durations() {
    CPPUNIT_ASSERT(parse_duration("0s").value() == Millis(0));
    CPPUNIT_ASSERT(parse_duration("50ms").value() == Millis(50));
    CPPUNIT_ASSERT(parse_duration("2s").value() == Millis(2000));
    CPPUNIT_ASSERT(parse_duration("10m").value() == Millis(600'000));
    CPPUNIT_ASSERT(parse_duration("7d").value() == Millis(604'800'000));
    for (const std::string_view text : {"", "5", "s", "-5s", "5 s", "5sec", "1.5s", "99999999999d"}) {
      CPPUNIT_ASSERT_MESSAGE(std::string(text), !parse_duration(text).ok());
    }
    for (const std::string_view text : {"0s", "7d", "36h", "90m", "1500ms", "2s"}) {
      assert_text(text, to_string(parse_duration(text).value()));
    }
    assert_text("1d", to_string(Millis(86'400'000)));
  }

  void deadlines_pass() {
    const Deadline soon = Deadline::after(Millis(5));
    CPPUNIT_ASSERT(soon.left() <= Millis(5));
    CPPUNIT_ASSERT(Deadline::after(Millis(100'000)).within(Millis(50)).left() <= Millis(50));
    CPPUNIT_ASSERT(soon.within(Millis(100'000)).left() <= Millis(5));
    std::this_thread::sleep_for(Millis(6));
    CPPUNIT_ASSERT(soon.passed());
    CPPUNIT_ASSERT(soon.left() == Millis::zero());
  }

  void counts_days() {
    CPPUNIT_ASSERT_EQUAL(Day{0}, day_of(86399));
    CPPUNIT_ASSERT_EQUAL(Day{1}, day_of(86400));
    CPPUNIT_ASSERT(unix_now() > 1'700'000'000);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ClockTest);

}  // namespace postern
