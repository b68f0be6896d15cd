// SPDX-License-Identifier: GPL-2.0-or-later
// A few connections to the present master for round trips from many threads, behind a breaker: after a failure no
// call is tried until the watcher (redis_watch.h) has found Redis alive again, so a dead server costs nobody time.
// An address may lead to another server than the one that the watcher follows: a connection that finds another run ID
// there is refused, and what read() gives was read from the same server in the same role.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/redis_connection.h"

namespace postern {

class RedisPool {
 public:
  // Called from any thread when a call found Redis dead or not what it was; `elsewhere`: the address leads to another
  // server now.
  using Alarm = std::function<void(bool elsewhere)>;
  RedisPool(RedisUrl url, Millis connect_timeout, Millis command_timeout, const StopSignal& stop, Alarm alarm);

  // One round trip.  A connection that died while idle is replaced once.  Server errors are in the replies.
  Result<std::vector<ReplyPtr>> run(std::span<const RedisCommand> commands, Deadline deadline);

  // What was read, and since when that server has been followed.
  struct Reading {
    std::vector<ReplyPtr> rows;  // a reply for each command
    uint64_t era = 0;
  };
  // One round trip, with the proof that the server was what the watcher found (with Sentinel a master) before and
  // after the commands.  Not a transaction: in one, a server that is out of memory refuses even to read.
  Result<Reading> read(std::span<const RedisCommand> commands, Deadline deadline);
  // Whether the watcher has followed that server all the time since it was read.
  bool follows(uint64_t era) const;

  // The watcher's side: where to connect from now on; old connections are closed when they come back.
  void point_at(const ServerIdentity& server);
  void close_breaker();
  void open_breaker(const std::string& why);
  bool usable() const { return usable_; }
  std::string last_error() const;
  void note_error(const std::string& text);

  static constexpr size_t kMaxConnections = 16;

 private:
  struct Lease {
    std::unique_ptr<RedisConnection> connection;  // null: none was idle
    ServerIdentity server;
    uint64_t era = 0;
    bool elsewhere = false;
  };
  struct Answer {
    std::vector<ReplyPtr> replies;
    ServerIdentity server;
    uint64_t era = 0;
  };
  Result<Lease> take(Deadline deadline);
  void give_back(Lease lease);
  void judge(std::span<const RedisCommand> commands, const std::vector<ReplyPtr>& replies);
  Result<Answer> call(std::span<const RedisCommand> commands, Deadline deadline);
  Status open(Lease& lease, Deadline deadline);
  Result<std::vector<ReplyPtr>> run_on(Lease& lease, std::span<const RedisCommand> commands, Deadline deadline);

  const RedisUrl url_;
  const Millis connect_timeout_, command_timeout_;
  const StopSignal& stop_;
  const Alarm alarm_;

  std::atomic<bool> usable_{false};
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  std::optional<ServerIdentity> server_;
  uint64_t era_ = 0;  // of the server: connections of an older one are not reused
  size_t taken_ = 0;
  std::string last_error_;
};

}  // namespace postern
