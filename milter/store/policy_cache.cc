// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/policy_cache.h"

#include <utility>

namespace postern {

void PolicyCache::put(Shard& shard, const std::string& key, Entry entry) {
  if (shard.fresh.size() >= half_) {
    shard.old = std::move(shard.fresh);
    shard.fresh.clear();
  }
  shard.fresh.insert_or_assign(key, std::move(entry));
}

// The entry, moved to the fresh generation.
PolicyCache::Entry* PolicyCache::look(Shard& shard, const std::string& key) {
  const auto fresh = shard.fresh.find(key);
  if (fresh != shard.fresh.end()) return &fresh->second;
  const auto old = shard.old.find(key);
  if (old == shard.old.end()) return nullptr;
  Entry entry = std::move(old->second);
  shard.old.erase(old);
  put(shard, key, std::move(entry));
  return &shard.fresh.find(key)->second;
}

std::optional<CachedPolicy> PolicyCache::find(const std::string& key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const Entry* entry = look(shard, key);
  if (entry == nullptr || !entry->valid) return std::nullopt;
  return entry->row;
}

std::optional<CachedPolicy> PolicyCache::last_known(const std::string& key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const Entry* entry = look(shard, key);
  if (entry == nullptr) return std::nullopt;
  return entry->row;
}

uint64_t PolicyCache::ticket(const std::string& key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  return shard.events;
}

void PolicyCache::insert(const std::string& key, const CachedPolicy& row, uint64_t ticket) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const Entry* known = look(shard, key);
  const bool late = shard.last_notice > ticket;  // it may have changed after it was read
  // What was there before this read began is older than it; of two reads at once the one that began last stays.
  if (late && known != nullptr && known->stored > ticket && known->ticket >= ticket) return;
  // Two reads without a notice between them that differ: the notice is on its way.
  const bool differs = known != nullptr && known->valid && known->row != row;
  put(shard, key, {row, !late && !differs, ticket, ++shard.events});
}

void PolicyCache::void_key(const std::string& key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  shard.last_notice = ++shard.events;
  for (auto* half : {&shard.fresh, &shard.old}) {
    const auto entry = half->find(key);
    if (entry != half->end()) entry->second.valid = false;
  }
}

void PolicyCache::void_all() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.last_notice = ++shard.events;
    for (auto* half : {&shard.fresh, &shard.old}) {
      for (auto& [key, entry] : *half) entry.valid = false;
    }
  }
}

}  // namespace postern
