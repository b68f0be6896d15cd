// SPDX-License-Identifier: GPL-2.0-or-later
// Looks recipients' policies up: in the cache, else in Redis, one round trip for all of them.
#pragma once

#include <map>
#include <mutex>
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

  // `current`: notices arrive, so that the cache may be believed.  While Redis cannot be asked, rows that were known
  // last serve; it fails if none is known, not even that there is none.
  Result<std::vector<PolicyChain>> look_up(std::span<const std::string> recipients, bool current, Deadline deadline);
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
  Status read(const std::vector<std::string>& keys, Found& found, Deadline deadline);
  void ask(const std::string& key, Ahead& asked, std::vector<RedisCommand>& commands);
  CachedPolicy row_of(const std::string& key, const redisReply& reply);
  void note_bad(const std::string& key, const std::string& reason);

  RedisPool& pool_;
  PolicyCache cache_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> bad_;  // key -> reason
};

}  // namespace postern
