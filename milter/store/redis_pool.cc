// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace postern {

RedisPool::RedisPool(RedisUrl url, Millis connect_timeout, Millis command_timeout, const StopSignal& stop,
                     std::function<void()> alarm)
    : url_(std::move(url)),
      connect_timeout_(connect_timeout),
      command_timeout_(command_timeout),
      stop_(stop),
      alarm_(std::move(alarm)) {}

void RedisPool::point_at(const RedisAddress& address) {
  std::vector<std::unique_ptr<RedisConnection>> old;
  const std::lock_guard lock(mutex_);
  address_ = address;
  ++era_;
  old.swap(idle_);
}

void RedisPool::close_breaker() { usable_ = true; }

std::string RedisPool::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

void RedisPool::note_error(const std::string& text) {
  const std::lock_guard lock(mutex_);
  last_error_ = text;
}

void RedisPool::open_breaker(const std::string& why) {
  note_error(why);
  usable_ = false;
}

Result<RedisPool::Lease> RedisPool::take(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto free = [this] { return taken_ < kMaxConnections; };
  if (!returned_.wait_for(lock, deadline.left(), free)) return timed_out("redis: all connections are busy");
  if (!address_) return unavailable("redis: no master is known yet");
  Lease lease;
  lease.address = *address_;
  lease.era = era_;
  ++taken_;
  if (!idle_.empty()) {
    lease.connection = std::move(idle_.back());
    idle_.pop_back();
  }
  return lease;
}

void RedisPool::give_back(Lease lease) {
  const std::lock_guard lock(mutex_);
  --taken_;
  if (lease.connection && !lease.connection->broken() && lease.era == era_) {
    idle_.push_back(std::move(lease.connection));
  }
  returned_.notify_one();
}

Result<std::vector<ReplyPtr>> RedisPool::run_on(Lease& lease, std::span<const RedisCommand> commands,
                                                Deadline deadline) {
  for (bool reused = lease.connection != nullptr;; reused = false) {
    if (!lease.connection) {
      auto fresh = RedisConnection::open(lease.address, url_, &stop_, deadline.within(connect_timeout_));
      if (!fresh.ok()) return fresh.error();
      lease.connection = std::move(fresh.value());
    }
    auto replies = lease.connection->run(commands, deadline.within(command_timeout_));
    if (replies.ok() || !reused || replies.error().kind == ErrorKind::kTimeout) return replies;
    lease.connection.reset();  // it died while it was idle: Redis may have been restarted
  }
}

Result<std::vector<ReplyPtr>> RedisPool::run(std::span<const RedisCommand> commands, Deadline deadline) {
  if (!usable_) return unavailable("redis is away: " + last_error());
  const auto started = std::chrono::steady_clock::now();
  auto lease = take(deadline);
  if (!lease.ok()) return lease.error();
  auto replies = run_on(lease.value(), commands, deadline);
  give_back(std::move(lease.value()));
  if (!replies.ok()) {
    // A caller in a hurry says nothing about Redis.
    const bool hurried = replies.error().kind == ErrorKind::kTimeout &&
                         std::chrono::steady_clock::now() - started < std::min(command_timeout_, connect_timeout_);
    if (!hurried) {
      open_breaker(replies.error().text);
      alarm_();
    }
    return replies;
  }
  judge(replies.value());
  return replies;
}

// Keeps the first complaint for `postern status`, and has the master looked for when this is none.
void RedisPool::judge(const std::vector<ReplyPtr>& replies) {
  for (const ReplyPtr& reply : replies) {
    const RedisFault fault = fault_of(*reply);
    if (fault == RedisFault::kNone || fault == RedisFault::kNoScript) continue;
    note_error(error_of(*reply).text);
    if (fault == RedisFault::kReadOnly || fault == RedisFault::kMasterDown) alarm_();
    return;
  }
}

}  // namespace postern
