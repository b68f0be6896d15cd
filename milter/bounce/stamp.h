// SPDX-License-Identifier: GPL-2.0-or-later
// The tracking ID of outbound mail: X-Postern-ID: 1.<key id>.<day><random>.<MAC>
// Version "1"; key id as in the key table; day: days since 1970 as 4 lower-case hex digits; random: 16 hex digits;
// MAC: keyed BLAKE2b-128 (RFC 7693) over version, key id, day, random and the lower-cased envelope sender, base64url
// without padding.  Under 72 characters, only letters, digits, '-', '_' and '.'.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "policy/keys.h"

namespace postern {

inline constexpr std::string_view kStampHeader = "X-Postern-ID";

struct Stamp {
  std::string key_id;
  Day day = 0;
  std::string random;  // 16 hex digits
  std::string mac;     // base64url text
};

Result<Stamp> parse_stamp(std::string_view text);  // shape only, white space around it ignored
// A new stamp for `sender`; fails when no key is active.  Randomness comes from the system.
Result<std::string> make_stamp(const KeyTable& keys, std::string_view sender, UnixTime now);

enum class StampCheck { kValid, kMalformed, kUnknownKey, kExpired, kFuture, kWrongMac };
std::string_view to_string(StampCheck check);  // in words, for reasons
// Whether the stamp is ours, was made for `sender` (any case) and is not older than `life`.  Constant-time compare.
// A stamp counts for `life` after the day that it names.
StampCheck check_stamp(const KeyTable& keys, std::string_view text, std::string_view sender, UnixTime now,
                       Millis life);
// Whether the secret has the length that BLAKE2b takes (16 to 64 bytes); a key that has not is never used.
bool usable_key(const KeyRow& key);
// 32 random bytes from the system, for a new key.
std::string new_key_secret();

}  // namespace postern
