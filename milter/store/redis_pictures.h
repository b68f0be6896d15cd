// SPDX-License-Identifier: GPL-2.0-or-later
// Sightings of pictures shared by all nodes: the index of picture_index.h inside Redis, one script call for a
// picture. Keys (all expire): postern:image:b:<day>:<band>:<high byte> hash, low byte -> ids of up to 8 candidates;
// postern:image:l:<band>:<high byte> the same for pictures known to be harmless (30 days); postern:image:c:<id> hash,
// "f" -> fingerprint, hour -> "messages recipients", "o" -> when we sent it or learned it; postern:image:w:<id> zset of
// clients; postern:image:h:<id> hash, "day:sender" of clean messages, at most 8 a day.
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/redis_pool.h"
#include "store/store.h"

namespace postern {

// Forgets every picture that is near a fingerprint in hex, and gives how many those were; an error if it is none.
Result<RedisCommand> forget_command(std::string_view fingerprint, UnixTime now);

class RedisPictures {
 public:
  explicit RedisPictures(RedisPool& pool) : pool_(pool) {}
  Result<std::vector<ImageCount>> count(std::span<const ImageSighting> images, UnixTime now, Deadline deadline);

 private:
  RedisPool& pool_;
};

}  // namespace postern
