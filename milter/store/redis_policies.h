// SPDX-License-Identifier: GPL-2.0-or-later
// Looks recipients' policies up: in the cache, else in Redis, one round trip for all of them.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "store/policy_cache.h"
#include "store/redis_pool.h"
#include "store/store.h"

namespace postern {

class RedisPolicies {
 public:
  explicit RedisPolicies(RedisPool& pool) : pool_(pool) {}

  // Whether at this moment notices arrive, and the server that the watcher follows is known to be the one to follow.
  using Trust = std::function<bool()>;
  // The cache is believed if there is trust, and what was read if there still is after the reading: a process may be
  // stopped at any moment, and Redis go another way meanwhile.  Else, and while Redis cannot be asked, the rows that
  // are known serve, marked; it fails if none is known, not even that there is none.
  Result<std::vector<PolicyChain>> look_up(std::span<const std::string> recipients, const Trust& trust,
                                           Deadline deadline);
  // Policies that are read along with something else: what look_up() would have to ask for these recipients is added
  // to `commands` (nothing unless `current`), and its answers, those of the commands added, are remembered for it.
  struct Ahead {
    std::vector<std::string> keys;
    std::vector<uint64_t> tickets;
  };
  Ahead read_ahead(std::span<const std::string> recipients, bool current, std::vector<RedisCommand>& commands);
  void take_ahead(const Ahead& ahead, std::span<const ReplyPtr> replies);
  PolicyCache& cache() { return cache_; }
  // Rows that were not understood when they were read last; at most a hundred are kept.
  std::vector<BadRow> bad_rows() const;
  void forget_bad_rows();

 private:
  using Found = std::map<std::string, CachedPolicy>;
  static PolicyChain chain_of(const std::vector<std::string>& keys, const Found& found,
                              const std::set<std::string>& last_known, const std::set<std::string>& unknown);
  Result<uint64_t> read(const std::vector<std::string>& keys, Found& found, Deadline deadline);
  // Whether there is no doubt that the server which was asked was the one to ask.
  Result<bool> read_surely(const std::vector<std::string>& keys, Found& found, const Trust& trust, Deadline deadline);
  void ask(const std::string& key, Ahead& asked, std::vector<RedisCommand>& commands);
  CachedPolicy row_of(const std::string& key, const redisReply& reply);
  void note_bad(const std::string& key, const std::string& reason);

  RedisPool& pool_;
  PolicyCache cache_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> bad_;  // key -> reason
};

}  // namespace postern
