// SPDX-License-Identifier: GPL-2.0-or-later
// Tracking records of one host: a file of 8-byte records for each day (6 bytes of hash, minute of the day as two
// bytes, high byte first), only ever appended to, so that the daemon, its successor and `postern stamp` share what
// was sent. A day's file is read when somebody asks for that day, and from then on only what was added.  Old days are
// removed. Without a directory to write to, records live in memory only.  One thread at a time.
#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace postern {

class TrackFiles {
 public:
  // `directory` is made when the first record is written.
  explicit TrackFiles(std::string directory) : directory_(std::move(directory)) {}

  // Appends; gives the number of records that were dropped because a day is full.
  uint64_t append(std::span<const TrackRecord> records);
  // For each query when the newest record that answers it was made; nothing where there is none.
  std::vector<std::optional<UnixTime>> find(std::span<const TrackQuery> queries);
  // Removes the days before `first`.
  void expire(Day first);
  // Why records cannot be written; empty while they can.
  const std::string& fault() const { return fault_; }

  static constexpr size_t kRecord = 8;
  static constexpr size_t kMaxRecordsADay = 4'000'000;  // 32 MB of file, and as much memory once it is asked for

 private:
  struct DayIndex {
    std::vector<uint64_t> sorted;  // hash << 16 | minute
    std::vector<uint64_t> fresh;   // not yet sorted in
    size_t offset = 0;             // how much of the file is in here
    bool complete = false;         // read after its day was over: nothing will be added
  };
  std::string path(Day day) const;
  void list_days();
  void refresh(Day first, Day last);
  bool read_more(Day day, DayIndex& index) const;
  std::optional<UnixTime> find(const TrackQuery& query) const;
  bool append_day(Day day, std::span<const char> bytes, uint64_t& dropped);

  std::string directory_;
  std::string fault_;
  std::map<Day, DayIndex> days_;
  timespec listed_{};  // when the directory had changed last as its days were listed; 0: list them again
};

}  // namespace postern
