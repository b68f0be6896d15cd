// SPDX-License-Identifier: GPL-2.0-or-later
// Bounded counts in memory: networks of refused clients, what became of bounces, and records that were dropped. Never
// waits for anything but its own lock.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "store/store.h"

namespace postern {

// Clients count under refusal_source().  When more than `limit` networks are known, the half that was refused least
// often is forgotten.
class RefusalCounter {
 public:
  explicit RefusalCounter(size_t limit = 10'000) : limit_(limit) {}
  void count(const IpAddress& client, UnixTime now);
  void add(const RefusedSource& counted);
  // Most often refused first.
  std::vector<RefusedSource> top(size_t limit) const;
  bool empty() const;
  // Forgets the networks that were refused last before this time.
  void expire(UnixTime before);
  // Hands over what was counted and starts again.
  std::vector<RefusedSource> take();

 private:
  void shrink();

  size_t limit_;
  mutable std::mutex mutex_;
  std::map<Prefix, RefusedSource> entries_;
};

// (domain, outcome) -> count; new domains beyond `limit` are counted under "*".
class BounceCounter {
 public:
  using Counts = std::map<std::pair<std::string, std::string>, uint64_t>;
  explicit BounceCounter(size_t limit = 10'000) : limit_(limit) {}
  void count(std::string_view domain, std::string_view outcome, uint64_t by = 1);
  bool empty() const { return counts().empty(); }
  Counts counts() const;
  Counts take();

 private:
  size_t limit_;
  mutable std::mutex mutex_;
  Counts counts_;
};

// Tracking records that could not be kept.  Says so in the log: the first time at once, then at most once a minute.
class DropCounter {
 public:
  // `why` in words; `now` in steady microseconds.
  void add(uint64_t records, std::string_view why, int64_t now);
  uint64_t count() const;

 private:
  mutable std::mutex mutex_;
  uint64_t count_ = 0;
  uint64_t said_ = 0;  // how many the last line told of
  int64_t said_at_ = 0;
};

// "DOMAIN OUTCOME COUNT\n" for each, and back; lines that are not understood are left out.
std::string bounce_lines(const BounceCounter::Counts& counts);
BounceCounter::Counts parse_bounce_lines(std::string_view text);

}  // namespace postern
