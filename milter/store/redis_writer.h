// SPDX-License-Identifier: GPL-2.0-or-later
// Writes what nobody waits for: tracking records, first stamps of domains, counts.  A bounded queue, one thread, one
// pipelined round trip for a batch.  While Redis is away the queue fills; what no longer fits is dropped and counted.
//
// A record's facts go to postern:track:<day>:<bucket>: the first two bytes of a fact, in hex, name the bucket, the
// whole fact (6 bytes) is the field, the minute of the day the value.  65,536 buckets keep each hash small enough for
// Redis' compact form.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "store/counters.h"
#include "store/redis_pool.h"
#include "store/store.h"

namespace postern {

std::string track_key(Day day, const TrackHash& fact);

class RedisWriter {
 public:
  // `tables` gives the tables in force.
  RedisWriter(RedisPool& pool, const StoreOptions& options, const StopSignal& stop,
              std::function<TablesPtr()> tables);
  ~RedisWriter() { join(); }

  void start();
  void track(TrackRecord record);
  RefusalCounter& refusals() { return refusals_; }
  BounceCounter& bounces() { return bounces_; }
  // Redis is back: try now.
  void poke();
  void join();  // after the stop signal
  bool flush(Deadline deadline);
  uint64_t queued() const;
  uint64_t dropped() const { return dropped_.count(); }

 private:
  void run();
  bool wait_for_work(std::unique_lock<std::mutex>& lock, bool failed);
  void fill_batch();
  bool write_batch();
  void add_record(const TrackRecord& record, std::vector<RedisCommand>& commands);
  void add_counts(std::vector<RedisCommand>& commands);
  void add_domain(const TrackRecord& record, std::vector<RedisCommand>& commands);
  void forget_date(const RedisCommand& command);
  void judge(const std::vector<RedisCommand>& commands, const std::vector<ReplyPtr>& replies, bool& again);

  RedisPool& pool_;
  const Millis command_timeout_, track_life_;
  const StopSignal& stop_;
  const std::function<TablesPtr()> tables_;

  mutable std::mutex mutex_;
  std::condition_variable wake_, written_;
  std::deque<TrackRecord> queue_;
  size_t in_flight_ = 0;  // records of the batch
  bool counts_in_flight_ = false;
  bool poked_ = false;
  unsigned flushing_ = 0;

  // The thread's own.
  std::vector<TrackRecord> batch_;
  std::vector<RefusedSource> refused_;
  BounceCounter::Counts outcomes_;
  std::unordered_set<std::string> dated_;
  std::chrono::steady_clock::time_point next_counts_{};
  bool complained_ = false;

  DropCounter dropped_;
  RefusalCounter refusals_;
  BounceCounter bounces_;
  std::thread thread_;
};

}  // namespace postern
