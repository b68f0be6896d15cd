// SPDX-License-Identifier: GPL-2.0-or-later
// Names of the keys, and reading of all tables at one moment.
#pragma once

#include "store/redis_connection.h"
#include "store/rows.h"

namespace postern {

namespace redis_key {
inline const std::string kNetworks = "postern:networks";
inline const std::string kRules = "postern:rules";
inline const std::string kDomains = "postern:domains";
inline const std::string kKeys = "postern:keys";
inline const std::string kFeeds = "postern:feeds";  // of the portal's users
inline const std::string kPictures = "postern:image:list";  // the administrator's own list of pictures
inline const std::string kPolicy = "postern:policy:";       // a prefix
inline const std::string kGeneration = "postern:generation";
inline const std::string kChanges = "postern:changes";
inline const std::string kNode = "postern:node:";        // a prefix
inline const std::string kTrack = "postern:track:";      // a prefix
inline const std::string kBounces = "postern:bounces:";  // a prefix, then the domain
inline const std::string kSince = "postern:bounces:@since";  // no domain: first stamps that no row tells of
inline const std::string kRefused = "postern:refused:";  // a prefix, then the day
}  // namespace redis_key

// Reads all tables in one MULTI/EXEC, or while the keys are WATCHed, so that they are one state that Redis had.  A
// key that holds another type gives the rows of `last` and is named in `unread`.
Result<RawTables> read_snapshot(RedisConnection& connection, const RawTables& last, Deadline deadline);

}  // namespace postern
