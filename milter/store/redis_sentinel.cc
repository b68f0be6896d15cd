// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_sentinel.h"

#include <array>
#include <utility>

#include "base/strings.h"

namespace postern {

void MasterFinder::try_next() {
  sentinel_.reset();
  ++turn_;
}

// The address first: an epoch that changes in between is then newer than the address, and never older.
Result<MasterFinder::Named> MasterFinder::ask(Deadline deadline) {
  if (!sentinel_) {
    const RedisAddress& address = url_.addresses[turn_ % url_.addresses.size()];
    auto fresh = RedisConnection::open_sentinel(address, url_, &stop_, deadline);
    if (!fresh.ok()) return fresh.error();
    sentinel_ = std::move(fresh.value());
  }
  const std::array<RedisCommand, 2> commands{RedisCommand{"SENTINEL", "get-master-addr-by-name", url_.master},
                                             RedisCommand{"SENTINEL", "MASTER", url_.master}};
  const auto replies = sentinel_->run(commands, deadline);
  if (!replies.ok()) return replies.error();
  for (size_t i = 0; i < commands.size(); ++i) {
    const redisReply& reply = *(*replies)[i];
    if (reply.type == REDIS_REPLY_ERROR && fault_of(reply) != RedisFault::kOther) return error_of(reply, commands[i]);
  }
  const auto words = elements_of(*replies->front());
  const auto port = words.size() == 2 ? to_uint(text_of(*words[1]), 65535) : std::nullopt;
  if (!port) return unavailable("Sentinel " + to_string(sentinel_->address()) + " knows no master " + url_.master);
  const TableRows fields = rows_of(*replies->back());
  const auto epoch = fields.find("config-epoch");
  Named out{{std::string(text_of(*words[0])), static_cast<int>(*port), ""}, 0};
  if (epoch != fields.end()) out.epoch = to_uint(epoch->second).value_or(0);
  return out;
}

Result<RedisAddress> MasterFinder::find(Deadline deadline) {
  if (!url_.sentinel()) return url_.addresses.front();
  const size_t all = url_.addresses.size();
  std::optional<Named> newest;
  size_t answers = 0;
  Error last;
  for (size_t tries = 0; tries < all; ++tries) {
    // Each Sentinel gets its share of the time, so that one that hangs does not use it up.
    auto named = ask(deadline.within(deadline.left() / static_cast<int64_t>(all - tries)));
    if (!named.ok()) {
      last = named.error();
    } else if (seen_ && named->epoch >= *seen_) {
      seen_ = named->epoch;
      return named->address;
    } else {
      ++answers;
      if (!newest || named->epoch > newest->epoch) newest = std::move(named.value());
    }
    try_next();
  }
  if (!newest) return last;
  if (seen_ && 2 * answers <= all) {
    return unavailable("the Sentinels that answer are behind: config epoch " + std::to_string(newest->epoch) + ", " +
                       std::to_string(*seen_) + " was seen before");
  }
  seen_ = newest->epoch;
  return newest->address;
}

}  // namespace postern
