// SPDX-License-Identifier: GPL-2.0-or-later
// A node's copy of the shared tables on its own disk, for a start while Redis is away.  Holds the generation, the
// digest and the time of reading.  It is only ever read when Redis cannot be reached, and nobody writes it back to
// Redis.
#pragma once

#include <string>

#include "base/clock.h"
#include "store/rows.h"

namespace postern {

struct LastGood {
  RawTables raw;       // the rows in force: last good ones where Redis' own were bad
  std::string digest;  // of Redis' own
  UnixTime read_at = 0;
};

// Mode 0600: it holds the signing keys.
Status write_last_good(const std::string& path, const LastGood& copy);
// Fails if there is none, or when it is damaged.
Result<LastGood> read_last_good(const std::string& path);

}  // namespace postern
