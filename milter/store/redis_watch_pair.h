// SPDX-License-Identifier: GPL-2.0-or-later
// The two connections of redis_watch.h, and the search for the master that they belong to.  One thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "store/redis_connection.h"

namespace postern {

class RedisListener;

// The server of the URL, or the master that a Sentinel names.
class MasterFinder {
 public:
  MasterFinder(const RedisUrl& url, const StopSignal& stop) : url_(url), stop_(stop) {}
  Result<RedisAddress> find(Deadline deadline);
  void try_next();  // the Sentinel asked last was wrong: ask another one next time

 private:
  Result<RedisAddress> ask(Deadline deadline);

  const RedisUrl& url_;
  const StopSignal& stop_;
  std::unique_ptr<RedisConnection> sentinel_;
  size_t turn_ = 0;
};

class WatchPair {
 public:
  // Connects both and switches tracking on.
  static Result<std::unique_ptr<WatchPair>> open(const RedisAddress& address, const RedisUrl& url,
                                                 const StopSignal* stop, Deadline deadline);
  // Hands the messages that have arrived to the listener; `dirty`: a table changed.
  Status take_messages(RedisListener& listener, bool& dirty);
  // Pings both, taking messages meanwhile; `more` goes along with the reader's ping.
  Status ping(std::span<const RedisCommand> more, RedisListener& listener, bool& dirty, Deadline deadline);

  RedisConnection& reader() { return *reader_; }
  RedisConnection& messages() { return *messages_; }
  const RedisAddress& address() const { return reader_->address(); }
  bool replica() const { return replica_; }

 private:
  Status switch_on(Deadline deadline);
  // Whether it was the answer to a ping.
  bool take(const redisReply& message, RedisListener& listener, bool& dirty);
  void note_role(const redisReply& role);
  void complain(const redisReply& reply);

  std::unique_ptr<RedisConnection> reader_, messages_;
  bool replica_ = false;
  bool complained_ = false;
};

}  // namespace postern
