// SPDX-License-Identifier: GPL-2.0-or-later
// Tracking facts: what is remembered of an outbound message, as short keyed hashes that tell nothing without the key.
// A fact is hashed with the key that signs on the day it is recorded, so a lookup needs to try, for each day, only
// the keys that can have signed then: as a rule one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/keys.h"
#include "store/store.h"

namespace postern {

// A fact as text, before it is hashed.
std::string stamp_fact(std::string_view stamp);
std::string message_id_fact(std::string_view message_id, std::string_view sender);
std::string recipient_fact(std::string_view recipient, std::string_view sender);

// Keyed BLAKE2b (RFC 7693), cut to the size of a TrackHash.
TrackHash track_hash(const KeyRow& key, std::string_view fact);

// The keys that can have signed on a day (UTC): those made before its end that no newer one had replaced before it
// began, and the one that signs now if it is old enough.  Null pointers never; views into `keys`.
std::vector<const KeyRow*> keys_of_day(const KeyTable& keys, Day day);

// Adds the queries that look for a fact on the days first..last: one for each key and run of days.
void add_track_queries(const KeyTable& keys, std::string_view fact, Day first, Day last,
                       std::vector<TrackQuery>& out);

}  // namespace postern
