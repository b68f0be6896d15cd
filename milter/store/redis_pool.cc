// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/strings.h"

namespace postern {

RedisPool::RedisPool(RedisUrl url, Millis connect_timeout, Millis command_timeout, const StopSignal& stop,
                     Alarm alarm)
    : url_(std::move(url)),
      connect_timeout_(connect_timeout),
      command_timeout_(command_timeout),
      stop_(stop),
      alarm_(std::move(alarm)) {}

void RedisPool::point_at(const ServerIdentity& server) {
  std::vector<std::unique_ptr<RedisConnection>> old;
  const std::lock_guard lock(mutex_);
  server_ = server;
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
  if (!server_) return unavailable("redis: no master is known yet");
  Lease lease;
  lease.server = *server_;
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

Status RedisPool::open(Lease& lease, Deadline deadline) {
  auto fresh = RedisConnection::open(lease.server.address, url_, &stop_, deadline);
  if (!fresh.ok()) return fresh.error();
  if (!lease.server.run_id.empty()) {
    const auto found = fresh.value()->run_id(deadline);
    if (!found.ok()) return found.error();
    lease.elsewhere = found.value() != lease.server.run_id;
    if (lease.elsewhere) {
      return unavailable("redis " + to_string(lease.server.address) + " was restarted, or is another server now");
    }
  }
  lease.connection = std::move(fresh.value());
  return Nothing{};
}

Result<std::vector<ReplyPtr>> RedisPool::run_on(Lease& lease, std::span<const RedisCommand> commands,
                                                Deadline deadline) {
  for (bool reused = lease.connection != nullptr;; reused = false) {
    if (!lease.connection) {
      const Status opened = open(lease, deadline.within(connect_timeout_));
      if (!opened.ok()) return opened.error();
    }
    auto replies = lease.connection->run(commands, deadline.within(command_timeout_));
    if (replies.ok() || !reused || replies.error().kind == ErrorKind::kTimeout) return replies;
    lease.connection.reset();  // it died while it was idle: the server closes such connections, if told to
  }
}

Result<RedisPool::Answer> RedisPool::call(std::span<const RedisCommand> commands, Deadline deadline) {
  if (!usable_) return unavailable("redis is away: " + last_error());
  const auto started = std::chrono::steady_clock::now();
  auto lease = take(deadline);
  if (!lease.ok()) return lease.error();
  auto replies = run_on(lease.value(), commands, deadline);
  Answer answer{{}, lease->server, lease->era};
  const bool elsewhere = lease->elsewhere;
  give_back(std::move(lease.value()));
  if (!replies.ok()) {
    // A caller in a hurry says nothing about Redis.
    const bool hurried = replies.error().kind == ErrorKind::kTimeout &&
                         std::chrono::steady_clock::now() - started < std::min(command_timeout_, connect_timeout_);
    if (!hurried) {
      open_breaker(replies.error().text);
      alarm_(elsewhere);
    }
    return replies.error();
  }
  judge(commands, replies.value());
  answer.replies = std::move(replies.value());
  return answer;
}

Result<std::vector<ReplyPtr>> RedisPool::run(std::span<const RedisCommand> commands, Deadline deadline) {
  auto answer = call(commands, deadline);
  if (!answer.ok()) return answer.error();
  return std::move(answer->replies);
}

Result<RedisPool::Reading> RedisPool::read(std::span<const RedisCommand> commands, Deadline deadline) {
  const bool role_known = [this] {
    const std::lock_guard lock(mutex_);
    return server_ && !server_->role.empty();
  }();
  const RedisCommand role = role_known ? RedisCommand{"ROLE"} : RedisCommand{"PING"};
  std::vector<RedisCommand> all{role};
  all.insert(all.end(), commands.begin(), commands.end());
  all.push_back(role);
  auto answer = call(all, deadline);
  if (!answer.ok()) return answer.error();
  for (const ReplyPtr* reply : {&answer->replies.front(), &answer->replies.back()}) {
    if ((*reply)->type == REDIS_REPLY_ERROR) return error_of(**reply, role);
    if (role_of(**reply) == answer->server.role) continue;
    alarm_(false);
    return unavailable("redis " + to_string(answer->server.address) + " is not what it was: it says that it is a " +
                       printable(role_of(**reply)));
  }
  Reading out{std::move(answer->replies), answer->era};
  out.rows.pop_back();
  out.rows.erase(out.rows.begin());
  return out;
}

bool RedisPool::follows(uint64_t era) const {
  const std::lock_guard lock(mutex_);
  return era_ == era;
}

// Keeps the first complaint for `postern status`, and has the master looked for when this is none.
void RedisPool::judge(std::span<const RedisCommand> commands, const std::vector<ReplyPtr>& replies) {
  for (size_t i = 0; i < replies.size(); ++i) {
    const RedisFault fault = fault_of(*replies[i]);
    if (fault == RedisFault::kNone) continue;
    note_error(error_of(*replies[i], commands[i]).text);
    if (fault == RedisFault::kReadOnly || fault == RedisFault::kMasterDown) alarm_(false);
    return;
  }
}

}  // namespace postern
