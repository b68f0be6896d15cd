// SPDX-License-Identifier: GPL-2.0-or-later
// A few connections to the present master for round trips from many threads, behind a breaker: after a failure no
// call is tried until the watcher (redis_watch.h) has found Redis alive again, so a dead server costs nobody time.
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
  // `alarm` is called, from any thread, when a call found Redis dead or not a master.
  RedisPool(RedisUrl url, Millis connect_timeout, Millis command_timeout, const StopSignal& stop,
            std::function<void()> alarm);

  // One round trip.  A connection that died while idle is replaced once.  Server errors are in the replies.
  Result<std::vector<ReplyPtr>> run(std::span<const RedisCommand> commands, Deadline deadline);

  // The watcher's side: where to connect from now on; old connections are closed when they come back.
  void point_at(const RedisAddress& address);
  void close_breaker();
  void open_breaker(const std::string& why);
  bool usable() const { return usable_; }
  std::string last_error() const;
  void note_error(const std::string& text);

  static constexpr size_t kMaxConnections = 16;

 private:
  struct Lease {
    std::unique_ptr<RedisConnection> connection;  // null: none was idle
    RedisAddress address;
    uint64_t era = 0;
  };
  Result<Lease> take(Deadline deadline);
  void give_back(Lease lease);
  void judge(const std::vector<ReplyPtr>& replies);
  Result<std::vector<ReplyPtr>> run_on(Lease& lease, std::span<const RedisCommand> commands, Deadline deadline);

  const RedisUrl url_;
  const Millis connect_timeout_, command_timeout_;
  const StopSignal& stop_;
  const std::function<void()> alarm_;

  std::atomic<bool> usable_{false};
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  std::optional<RedisAddress> address_;
  uint64_t era_ = 0;  // of the address: connections of an older one are not reused
  size_t taken_ = 0;
  std::string last_error_;
};

}  // namespace postern
