// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/track_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <numeric>

#include "base/fd.h"
#include "base/log.h"
#include "base/strings.h"
#include "store/rows.h"

namespace postern {
namespace {

constexpr size_t kMaxFresh = 1024;
constexpr uint64_t kMaxDay = 1'000'000;  // of what is a file's name: some day in the year 4707

uint64_t number_of(const char* bytes) {
  uint64_t out = 0;
  for (size_t i = 0; i < TrackFiles::kRecord; ++i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}

void put(std::vector<char>& out, const TrackHash& fact, uint16_t minute) {
  out.insert(out.end(), fact.begin(), fact.end());
  out.push_back(static_cast<char>(minute >> 8));
  out.push_back(static_cast<char>(minute & 0xff));
}

// Calls visit(day) for each day that has a file; false if the directory cannot be read.
template <class Visit>
bool each_day(const std::string& path, Visit&& visit) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return false;
  while (const dirent* entry = ::readdir(directory.get())) {
    if (const auto day = to_uint(entry->d_name, kMaxDay)) visit(static_cast<Day>(*day));
  }
  return true;
}

}  // namespace

std::string TrackFiles::path(Day day) const { return directory_ + "/" + std::to_string(day); }

// Appends whole records under a lock, cutting off what a crash in the middle of a write left behind.
bool TrackFiles::append_day(Day day, std::span<const char> bytes, uint64_t& dropped) {
  if (directory_.empty()) return false;
  if (!make_directory(directory_, 0700)) return false;
  const Fd fd(::open(path(day).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  struct stat status {};
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0 || ::fstat(fd.get(), &status) != 0) return false;
  auto size = static_cast<size_t>(status.st_size);
  if (size == 0) hand_over(fd.get(), path(day));
  if (size % kRecord != 0) {
    size -= size % kRecord;
    if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) return false;
  }
  const size_t room = kMaxRecordsADay - std::min(kMaxRecordsADay, size / kRecord);
  const size_t fit = std::min(bytes.size() / kRecord, room);
  dropped += bytes.size() / kRecord - fit;
  const auto wanted = bytes.first(fit * kRecord);
  const ssize_t done = wanted.empty() ? 0 : ::write(fd.get(), wanted.data(), wanted.size());
  if (done == static_cast<ssize_t>(wanted.size())) return true;
  const int fault = done < 0 ? errno : ENOSPC;
  if (done > 0 && ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) return false;  // the next writer cuts it
  errno = fault;
  return false;
}

uint64_t TrackFiles::append(std::span<const TrackRecord> records) {
  std::map<Day, std::vector<char>> bytes;
  for (const TrackRecord& record : records) {
    for (const TrackHash& fact : record.facts) put(bytes[record.day], fact, record.minute);
  }
  uint64_t dropped = 0;
  for (const auto& [day, added] : bytes) {
    if (append_day(day, added, dropped)) {
      fault_.clear();
      continue;
    }
    if (fault_.empty()) {
      fault_ = path(day) + ": " + (directory_.empty() ? "no state-directory" : std::strerror(errno));
      log(LogLevel::kWarning, "tracking records stay in memory only: " + fault_);
    }
    DayIndex& index = days_[day];
    for (size_t at = 0; at < added.size(); at += kRecord) {
      if (index.sorted.size() + index.fresh.size() < kMaxRecordsADay) {
        index.fresh.push_back(number_of(&added[at]));
      } else {
        ++dropped;
      }
    }
  }
  return dropped;
}

// Learns of days that another process began.  A file that is made moves the directory's time; where that is so recent
// that another one could be made in the same tick of the clock, the next call lists again.
void TrackFiles::list_days() {
  struct stat status {};
  if (::stat(directory_.c_str(), &status) != 0) return;
  if (status.st_mtim.tv_sec == listed_.tv_sec && status.st_mtim.tv_nsec == listed_.tv_nsec) return;
  const bool settled = std::time(nullptr) - status.st_mtim.tv_sec >= 2;
  if (!each_day(directory_, [this](Day day) { days_.try_emplace(day); })) return;
  listed_ = settled ? status.st_mtim : timespec{};
}

// Takes in what was appended to the files of these days since last time, by this process or another.
void TrackFiles::refresh(Day first, Day last) {
  if (!directory_.empty()) list_days();
  for (auto at = days_.lower_bound(first); at != days_.end() && at->first <= last; ++at) {
    auto& [day, index] = *at;
    if (!directory_.empty() && !index.complete) index.complete = read_more(day, index) && day + 1 < last;
    if (index.fresh.size() <= kMaxFresh) continue;
    const auto middle = static_cast<std::ptrdiff_t>(index.sorted.size());
    std::sort(index.fresh.begin(), index.fresh.end());
    index.sorted.insert(index.sorted.end(), index.fresh.begin(), index.fresh.end());
    std::inplace_merge(index.sorted.begin(), index.sorted.begin() + middle, index.sorted.end());
    index.fresh.clear();
  }
}

// False if not all of the file could be read.
bool TrackFiles::read_more(Day day, DayIndex& index) const {
  const std::string file = path(day);
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return false;
  const auto size = std::min(static_cast<size_t>(status.st_size), kMaxRecordsADay * kRecord) / kRecord * kRecord;
  if (index.offset >= size) return true;
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 65536> buffer{};
  while (fd.valid() && index.offset < size) {
    const size_t want = std::min(buffer.size(), size - index.offset);
    const ssize_t got = ::pread(fd.get(), buffer.data(), want, static_cast<off_t>(index.offset));
    if (got < static_cast<ssize_t>(kRecord)) return false;
    const size_t whole = static_cast<size_t>(got) / kRecord * kRecord;
    for (size_t at = 0; at < whole; at += kRecord) index.fresh.push_back(number_of(&buffer.at(at)));
    index.offset += whole;
  }
  return fd.valid();
}

std::optional<UnixTime> TrackFiles::find(const TrackQuery& query) const {
  uint64_t wanted = 0;
  for (const char c : query.fact) wanted = wanted << 8 | static_cast<unsigned char>(c);
  for (auto at = days_.upper_bound(query.last); at != days_.begin();) {
    const auto& [day, index] = *--at;
    if (day < query.first) break;
    const auto time_of = [day = day](uint64_t entry) {
      return static_cast<UnixTime>(day) * 86400 + static_cast<UnixTime>(entry & 0xffff) * 60;
    };
    const auto sorted = std::lower_bound(index.sorted.begin(), index.sorted.end(), wanted << 16);
    if (sorted != index.sorted.end() && *sorted >> 16 == wanted) return time_of(*sorted);
    for (const uint64_t entry : index.fresh) {
      if (entry >> 16 == wanted) return time_of(entry);
    }
  }
  return std::nullopt;
}

std::vector<std::optional<UnixTime>> TrackFiles::find(std::span<const TrackQuery> queries) {
  std::vector<std::optional<UnixTime>> out;
  if (queries.empty()) return out;
  const auto [first, last] = std::accumulate(
      queries.begin(), queries.end(), std::pair(queries.front().first, queries.front().last),
      [](const auto& range, const TrackQuery& query) {
        return std::pair(std::min(range.first, query.first), std::max(range.second, query.last));
      });
  refresh(first, last);
  for (const TrackQuery& query : queries) out.push_back(find(query));
  return out;
}

void TrackFiles::expire(Day first) {
  days_.erase(days_.begin(), days_.lower_bound(first));
  if (directory_.empty()) return;
  each_day(directory_, [&](Day day) {
    if (day < first) ::unlink(path(day).c_str());
  });
}

}  // namespace postern
