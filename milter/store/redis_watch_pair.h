// SPDX-License-Identifier: GPL-2.0-or-later
// The two connections of redis_watch.h.  One thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "store/redis_connection.h"

namespace postern {

class RedisListener;

class WatchPair {
 public:
  // Connects both, to one process, and switches tracking on.
  static Result<std::unique_ptr<WatchPair>> open(const RedisAddress& address, const RedisUrl& url,
                                                 const StopSignal* stop, Deadline deadline);
  // Hands the messages that have arrived to the listener; `dirty`: a table changed.
  Status take_messages(RedisListener& listener, bool& dirty);
  // Pings both, taking messages meanwhile; `more` goes along with the reader's ping.
  Status ping(std::span<const RedisCommand> more, RedisListener& listener, bool& dirty, Deadline deadline);

  RedisConnection& reader() { return *reader_; }
  RedisConnection& messages() { return *messages_; }
  const RedisAddress& address() const { return reader_->address(); }
  const ServerIdentity& server() const { return server_; }  // as it was when it was opened
  bool replica() const { return role_ == "slave"; }         // at the last ping
  bool role_changed() const { return role_ != server_.role; }

 private:
  Status identify(bool sentinel, Deadline deadline);
  Status switch_on(Deadline deadline);
  // Whether it was the answer to a ping.
  bool take(const redisReply& message, RedisListener& listener, bool& dirty);
  void complain(const redisReply& reply, const RedisCommand& command);

  std::unique_ptr<RedisConnection> reader_, messages_;
  ServerIdentity server_;
  std::string role_;
  bool complained_ = false;
};

}  // namespace postern
