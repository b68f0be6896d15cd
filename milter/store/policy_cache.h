// SPDX-License-Identifier: GPL-2.0-or-later
// Recipient policies that were looked up lately, and those known not to exist.  Bounded; entries that are used stay.
// A row is only as good as the notice that would void it, hence the ticket: it is drawn before the row is read, and a
// row whose ticket is older than the last notice for its part of the cache is only kept as the last one known.  Any
// thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "policy/recipient_policy.h"

namespace postern {

// A row, or the knowledge that there is none.
using CachedPolicy = std::optional<PolicyRow>;

class PolicyCache {
 public:
  // At most about `limit` rows.
  explicit PolicyCache(size_t limit = 200'000) : half_(limit / kShards / 2 + 1) {}

  // What is in force for a key; nothing if it must be read.
  std::optional<CachedPolicy> find(const std::string& key);
  // The last row that was known, however old: for when Redis is away, and as the last good row of a bad one.
  std::optional<CachedPolicy> last_known(const std::string& key);
  uint64_t ticket(const std::string& key);
  void insert(const std::string& key, const CachedPolicy& row, uint64_t ticket);
  void void_key(const std::string& key);
  void void_all();

 private:
  struct Entry {
    CachedPolicy row;
    bool valid = true;
    uint64_t ticket = 0;  // of the read that it comes from
    uint64_t stored = 0;  // the event of its insertion
  };
  // Two generations stand for an order of use: what is found in the old one moves to the new one, and when that is
  // full it becomes the old one.
  struct Shard {
    std::mutex mutex;
    uint64_t events = 0;       // notices and insertions
    uint64_t last_notice = 0;  // the event of the last one
    std::unordered_map<std::string, Entry> fresh, old;
  };
  static constexpr size_t kShards = 64;
  Shard& shard_of(const std::string& key) { return shards_[std::hash<std::string>()(key) % kShards]; }
  Entry* look(Shard& shard, const std::string& key);
  void put(Shard& shard, const std::string& key, Entry entry);

  const size_t half_;
  std::array<Shard, kShards> shards_;
};

}  // namespace postern
