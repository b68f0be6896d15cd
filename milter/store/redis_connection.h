// SPDX-License-Identifier: GPL-2.0-or-later
// One connection to Redis.  Every wait ends at its deadline or when the program stops; after a failed wait the
// connection is broken and must be thrown away.  One thread at a time.
#pragma once

#include <hiredis/hiredis.h>

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "store/redis_url.h"
#include "store/rows.h"

namespace postern {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using ReplyPtr = std::unique_ptr<redisReply, FreeReply>;
using RedisCommand = std::vector<std::string>;

std::string_view text_of(const redisReply& reply);  // of a string or status reply; empty for others
std::span<redisReply* const> elements_of(const redisReply& reply);
// Rows of an HGETALL reply.
TableRows rows_of(const redisReply& reply);

// "master", "slave" or "sentinel", of a reply to ROLE; empty of anything else.
std::string role_of(const redisReply& reply);

// What an error reply means for the caller.
enum class RedisFault {
  kNone,
  kReadOnly,
  kLoading,
  kMasterDown,
  kNoMemory,
  kNoScript,
  kWrongType,
  kNoPermission,
  kLogin,
  kOther
};
RedisFault fault_of(const redisReply& reply);
// In words: what the server said, and what to do about it.
Error error_of(const redisReply& reply);
// The same with the command that was refused and its key, but no other word: those may be secrets.
Error error_of(const redisReply& reply, const RedisCommand& command);
// Whether asking again, perhaps another server, may help.
bool is_passing(RedisFault fault);

// Which process a connection reaches, and what that says it is.
struct ServerIdentity {
  RedisAddress address;
  std::string run_id;  // empty: not known
  std::string role;    // empty: not known
};

// Wakes whoever waits in a connection, once and for all.
class StopSignal {
 public:
  StopSignal();
  void stop();
  bool stopped() const { return stopped_; }
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
  std::atomic<bool> stopped_{false};
};

class RedisConnection {
 public:
  // Connects, logs in and selects the database.
  static Result<std::unique_ptr<RedisConnection>> open(const RedisAddress& address, const RedisUrl& url,
                                                       const StopSignal* stop, Deadline deadline);
  // Logs in as the URL says for Sentinels.
  static Result<std::unique_ptr<RedisConnection>> open_sentinel(const RedisAddress& address, const RedisUrl& url,
                                                                const StopSignal* stop, Deadline deadline);

  // Which process this is, a random number of 40 digits that no other has; empty if the user may not ask (INFO).
  Result<std::string> run_id(Deadline deadline);

  // One round trip for all commands; a reply for each, errors of the server included.
  Result<std::vector<ReplyPtr>> run(std::span<const RedisCommand> commands, Deadline deadline);
  // One command; an error of the server becomes an Error.
  Result<ReplyPtr> run(const RedisCommand& command, Deadline deadline);
  // Sends without waiting for replies; next() fetches them.
  Status send(std::span<const RedisCommand> commands, Deadline deadline);
  // The next reply or message, or null at the deadline; fails when the connection is lost.
  Result<ReplyPtr> next(Deadline deadline);

  int fd() const { return context_->fd; }
  bool broken() const { return broken_; }
  const RedisAddress& address() const { return address_; }

 private:
  struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  RedisConnection(RedisAddress address, const StopSignal* stop) : address_(std::move(address)), stop_(stop) {}
  static Result<std::unique_ptr<RedisConnection>> connect(const RedisAddress& address, const StopSignal* stop,
                                                          Deadline deadline);
  Status log_in(const std::string& user, const std::string& password, unsigned db, Deadline deadline);
  Error lost(std::string_view why);
  Status write_some(std::string_view& bytes, bool& done);
  // 1: ready, 0: deadline, -1: stopped.
  int wait(short events, Deadline deadline) const;

  RedisAddress address_;
  const StopSignal* stop_;
  std::unique_ptr<redisContext, FreeContext> context_;
  bool broken_ = false;
};

}  // namespace postern
