// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_writer.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "policy/domains.h"
#include "store/redis_snapshot.h"

namespace postern {
namespace {

using std::chrono::steady_clock;
constexpr size_t kMaxQueue = 100'000;
constexpr size_t kBatch = 500;
constexpr size_t kMaxDated = 200'000;
constexpr std::chrono::milliseconds kGather{5};  // a batch's worth of patience
constexpr std::chrono::milliseconds kRetry{250};
constexpr std::chrono::seconds kCountsEvery{2};
constexpr int64_t kRefusedDays = 8;
constexpr std::string_view kMostRefused = "-10001";  // all but the 10,000 most often or latest refused go
constexpr std::string_view kEarliest = "10000";      // and of first times all but the 10,000 earliest
constexpr int64_t kBounceDays = 90;
// KEYS: first stamps.  ARGV: domain, since.  The row of such a domain is the administrator's, so its date stands
// here.
constexpr std::string_view kKeepFirst =
    "if not redis.call('HGET', KEYS[1], ARGV[1]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end";

}  // namespace

std::string track_key(Day day, const TrackHash& fact) {
  return redis_key::kTrack + std::to_string(day) + ":" + hex(std::string_view(fact.data(), 2));
}

RedisWriter::RedisWriter(RedisPool& pool, const StoreOptions& options, const StopSignal& stop,
                         std::function<TablesPtr()> tables)
    : pool_(pool),
      command_timeout_(options.command_timeout),
      track_life_(options.track_life),
      stop_(stop),
      tables_(std::move(tables)) {}

void RedisWriter::start() {
  thread_ = std::thread([this] { run(); });
}

void RedisWriter::track(TrackRecord record) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < kMaxQueue) {
      queue_.push_back(std::move(record));
      if (queue_.size() == 1 || queue_.size() == kBatch) wake_.notify_one();
      return;
    }
  }
  dropped_.add(1, "redis is away and the queue is full", steady_micros());
}

void RedisWriter::poke() {
  const std::lock_guard lock(mutex_);
  poked_ = true;
  wake_.notify_one();
}

void RedisWriter::join() {
  poke();
  if (thread_.joinable()) thread_.join();
}

uint64_t RedisWriter::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + in_flight_;
}

// Also writes the counts, which otherwise wait for their turn.
bool RedisWriter::flush(Deadline deadline) {
  std::unique_lock lock(mutex_);
  ++flushing_;
  wake_.notify_one();
  const bool done = written_.wait_for(lock, deadline.left(), [this] {
    return queue_.empty() && in_flight_ == 0 && !counts_in_flight_ && refusals_.empty() && bounces_.empty();
  });
  --flushing_;
  return done;
}

void RedisWriter::add_domain(const TrackRecord& record, std::vector<RedisCommand>& commands) {
  const std::string& domain = record.sender_domain;
  if (!is_domain_key(domain) || dated_.contains(domain) || dated_.size() >= kMaxDated) return;
  dated_.insert(domain);
  const TablesPtr tables = tables_();
  DomainRow row;
  row.since = static_cast<UnixTime>(record.day) * 86400 + record.minute * 60;
  const auto known = tables->domains.find(domain);
  if (known == tables->domains.end()) {
    commands.push_back({"HSETNX", redis_key::kDomains, domain, to_string(row)});
  } else if (!known->second.since) {
    commands.push_back({"EVAL", std::string(kKeepFirst), "1", redis_key::kSince, domain, iso_time(*row.since)});
  }
}

// The first stamp that this command records was not recorded.
void RedisWriter::forget_date(const RedisCommand& command) {
  if (command.front() == "HSETNX") dated_.erase(command[2]);
  if (command.front() == "EVAL") dated_.erase(command[4]);
}

void RedisWriter::add_record(const TrackRecord& record, std::vector<RedisCommand>& commands) {
  const UnixTime end = (static_cast<UnixTime>(record.day) + 2) * 86400 + track_life_.count() / 1000;
  for (const TrackHash& fact : record.facts) {
    const std::string key = track_key(record.day, fact);
    commands.push_back({"HSET", key, std::string(fact.data(), fact.size()), std::to_string(record.minute)});
    commands.push_back({"EXPIREAT", key, std::to_string(end)});
  }
  add_domain(record, commands);
}

void RedisWriter::add_counts(std::vector<RedisCommand>& commands) {
  for (const auto& [what, count] : outcomes_) {
    const std::string key = redis_key::kBounces + what.first;
    commands.push_back({"HINCRBY", key, what.second, std::to_string(count)});
    commands.push_back({"EXPIRE", key, std::to_string(kBounceDays * 86400)});
  }
  if (refused_.empty()) return;
  // For each day a count and the first time, and when each network was refused last; bounded and expiring.
  const std::string number = std::to_string(day_of(refused_.front().last));
  const std::string day = redis_key::kRefused + number;
  const std::string first = redis_key::kRefused + "first:" + number;
  const std::string last = redis_key::kRefused + "last";
  for (const RefusedSource& each : refused_) {
    const std::string source = to_string(each.source);
    commands.push_back({"ZINCRBY", day, std::to_string(each.count), source});
    commands.push_back({"ZADD", last, std::to_string(each.last), source});
    commands.push_back({"ZADD", first, "NX", std::to_string(each.first), source});
  }
  commands.push_back({"ZREMRANGEBYRANK", first, std::string(kEarliest), "-1"});
  for (const std::string& key : {day, last}) {
    commands.push_back({"ZREMRANGEBYRANK", key, "0", std::string(kMostRefused)});
  }
  for (const std::string& key : {day, last, first}) {
    commands.push_back({"EXPIRE", key, std::to_string(kRefusedDays * 86400)});
  }
}

// Sorts the server's errors: some pass (the batch is tried again), others would come again (what they hit is lost).
void RedisWriter::judge(const std::vector<RedisCommand>& commands, const std::vector<ReplyPtr>& replies,
                        bool& again) {
  uint64_t lost = 0;
  for (size_t i = 0; i < replies.size(); ++i) {
    const RedisFault fault = fault_of(*replies[i]);
    if (fault == RedisFault::kNone) continue;
    if (!complained_) log(LogLevel::kWarning, "records cannot be written: " + error_of(*replies[i], commands[i]).text);
    complained_ = true;
    if (is_passing(fault)) again = true;
    if (commands[i].front() == "HSET" || commands[i].front() == "HSETNX") ++lost;
    forget_date(commands[i]);
  }
  if (lost == 0 && !again && complained_) {
    log(LogLevel::kInfo, "records can be written again");
    complained_ = false;
  }
  if (!again) dropped_.add(lost, "redis did not take them", steady_micros());
}

// One round trip; false if the batch must be tried again later.
bool RedisWriter::write_batch() {
  std::vector<RedisCommand> commands;
  for (const TrackRecord& record : batch_) add_record(record, commands);
  add_counts(commands);
  bool again = false;
  if (!commands.empty()) {
    const auto replies = pool_.run(commands, Deadline::after(command_timeout_ * 2));
    if (!replies.ok()) {
      // Whether it was written is unknown, so the first stamps count as not recorded.  Counts may be counted twice.
      for (const RedisCommand& command : commands) forget_date(command);
      return false;
    }
    judge(commands, replies.value(), again);
  }
  refused_.clear();
  outcomes_.clear();
  return !again;
}

// Waits until there is something to write; false at the end.
bool RedisWriter::wait_for_work(std::unique_lock<std::mutex>& lock, bool failed) {
  const auto due = [this] { return poked_ || stop_.stopped(); };
  if (failed) {
    wake_.wait_for(lock, kRetry, due);
  } else {
    wake_.wait_until(lock, next_counts_, [&] { return due() || !queue_.empty() || flushing_ > 0; });
    if (!queue_.empty() && flushing_ == 0 && queue_.size() < kBatch) {
      wake_.wait_for(lock, kGather, [&] { return due() || queue_.size() >= kBatch || flushing_ > 0; });
    }
  }
  poked_ = false;
  return !stop_.stopped();
}

// Fills the batch, and with it the counts when it is their turn.
void RedisWriter::fill_batch() {
  while (!queue_.empty() && batch_.size() < kBatch) {
    batch_.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  if (flushing_ > 0 || steady_clock::now() >= next_counts_) {
    next_counts_ = steady_clock::now() + kCountsEvery;
    if (refused_.empty()) refused_ = refusals_.take();
    if (outcomes_.empty()) outcomes_ = bounces_.take();
  }
  in_flight_ = batch_.size();
  counts_in_flight_ = !refused_.empty() || !outcomes_.empty();
}

void RedisWriter::run() {
  for (bool failed = false;;) {
    {
      std::unique_lock lock(mutex_);
      if (!wait_for_work(lock, failed)) return;
      fill_batch();
    }
    failed = !write_batch();
    const std::lock_guard lock(mutex_);
    if (!failed) {
      batch_.clear();
      in_flight_ = 0;
      counts_in_flight_ = false;
    }
    written_.notify_all();
  }
}

}  // namespace postern
