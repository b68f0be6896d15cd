// SPDX-License-Identifier: GPL-2.0-or-later
// The search for the server to follow: the one of the URL, or the master that a Sentinel names.  Sentinels learn of a
// failover one after the other, and one that was cut off or stopped still names the old master, so an answer counts
// only if its config epoch is no older than one that was seen before.  One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "store/redis_connection.h"

namespace postern {

class MasterFinder {
 public:
  MasterFinder(const RedisUrl& url, const StopSignal& stop) : url_(url), stop_(stop) {}
  // The first time all Sentinels are asked, and the newest answer counts; later one that is not behind suffices.  When
  // more than half of them are behind, they have been set up anew, and their newest answer counts.
  Result<RedisAddress> find(Deadline deadline);
  void try_next();  // the Sentinel asked last was wrong: ask another one next time

 private:
  struct Named {
    RedisAddress address;
    uint64_t epoch = 0;
  };
  Result<Named> ask(Deadline deadline);

  const RedisUrl& url_;
  const StopSignal& stop_;
  std::unique_ptr<RedisConnection> sentinel_;
  size_t turn_ = 0;
  std::optional<uint64_t> seen_;  // the newest config epoch
};

}  // namespace postern
