// SPDX-License-Identifier: GPL-2.0-or-later
// Tracking records in files that several processes append to: each reader finds them at its next question.
#include "store/track_files.h"

#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "redis_server.h"

namespace postern::test {
namespace {

constexpr Day kToday = 20'000;

TrackHash fact(uint32_t number) {
  TrackHash hash{};
  for (size_t i = 0; i < hash.size(); ++i) hash.at(i) = static_cast<char>(number >> (8 * (i % 4)));
  return hash;
}

TrackRecord record(Day day, uint32_t number) {
  TrackRecord made;
  made.day = day;
  made.minute = 7;
  made.facts = {fact(number)};
  return made;
}

class TrackFilesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(TrackFilesTest);
  CPPUNIT_TEST(one_process_finds_what_another_wrote);
  CPPUNIT_TEST(days_that_begin_later_are_found);
  CPPUNIT_TEST(the_newest_record_answers);
  CPPUNIT_TEST(many_records_of_several_days);
  CPPUNIT_TEST(a_torn_record_is_cut_off);
  CPPUNIT_TEST(without_a_directory);
  CPPUNIT_TEST_SUITE_END();

 public:
  void one_process_finds_what_another_wrote() {
    TrackFiles writer(path()), reader(path());
    CPPUNIT_ASSERT(!day_of(reader, 1));
    for (uint32_t number = 1; number < 50; ++number) {
      writer.append(std::vector<TrackRecord>{record(kToday, number)});
      CPPUNIT_ASSERT_EQUAL(kToday, day_of(reader, number).value());
    }
  }

  void days_that_begin_later_are_found() {
    TrackFiles writer(path()), reader(path());
    for (Day day = kToday - 9; day <= kToday; ++day) {
      const auto number = static_cast<uint32_t>(day);
      CPPUNIT_ASSERT(!day_of(reader, number, day));
      writer.append(std::vector<TrackRecord>{record(day, number)});
      CPPUNIT_ASSERT_EQUAL(day, day_of(reader, number, day).value());
      CPPUNIT_ASSERT_EQUAL(kToday - 9, day_of(reader, kToday - 9, day).value());
    }
    CPPUNIT_ASSERT(!day_of(reader, kToday - 9, kToday, kToday - 8));
  }

  void the_newest_record_answers() {
    TrackFiles files(path());
    files.append(std::vector<TrackRecord>{record(kToday - 3, 5), record(kToday - 1, 5)});
    CPPUNIT_ASSERT_EQUAL(kToday - 1, day_of(files, 5).value());
    CPPUNIT_ASSERT_EQUAL(kToday - 3, day_of(files, 5, kToday - 2).value());
  }

  void many_records_of_several_days() {
    constexpr uint32_t kMany = 5'000;
    TrackFiles writer(path()), reader(path());
    for (uint32_t number = 0; number < kMany; ++number) {
      writer.append(std::vector<TrackRecord>{record(kToday - static_cast<Day>(number % 2), number)});
      if (number % 700 == 0) CPPUNIT_ASSERT(day_of(reader, number).has_value());
    }
    for (uint32_t number = 0; number < kMany; ++number) {
      CPPUNIT_ASSERT_EQUAL(kToday - static_cast<Day>(number % 2), day_of(reader, number).value());
    }
    CPPUNIT_ASSERT(!day_of(reader, kMany));
  }

  void a_torn_record_is_cut_off() {
    TrackFiles writer(path()), reader(path());
    writer.append(std::vector<TrackRecord>{record(kToday, 1)});
    const std::string file = path() + "/" + std::to_string(kToday);
    CPPUNIT_ASSERT_EQUAL(0, ::truncate(file.c_str(), 8 + 3));
    CPPUNIT_ASSERT(day_of(reader, 1).has_value());
    writer.append(std::vector<TrackRecord>{record(kToday, 2)});
    CPPUNIT_ASSERT(day_of(reader, 2).has_value());
  }

  void without_a_directory() {
    TrackFiles files("");
    for (uint32_t number = 0; number < 3'000; ++number) files.append(std::vector<TrackRecord>{record(kToday, number)});
    CPPUNIT_ASSERT(day_of(files, 0) && day_of(files, 2'999) && !day_of(files, 3'000));
    CPPUNIT_ASSERT(files.find(std::vector<TrackQuery>{}).empty());
  }

 private:
  std::string path() const { return directory_.path("track"); }
  static std::optional<Day> day_of(TrackFiles& files, uint32_t number, Day last = kToday, Day first = kToday - 10) {
    const auto found = files.find(std::vector<TrackQuery>{{fact(number), first, last}}).front();
    if (!found) return std::nullopt;
    CPPUNIT_ASSERT_EQUAL(UnixTime{7 * 60}, *found % 86400);
    return static_cast<Day>(*found / 86400);
  }

  TemporaryDirectory directory_;
};
CPPUNIT_TEST_SUITE_REGISTRATION(TrackFilesTest);

}  // namespace
}  // namespace postern::test
