// SPDX-License-Identifier: GPL-2.0-or-later
// Signing keys as table rows: "secret=<64 hex digits> created=<ISO time> state=active|old".  The newest active key
// signs; every key that is listed verifies.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace postern {

struct KeyRow {
  std::string secret;  // 32 raw bytes
  UnixTime created = 0;
  bool active = true;
};
using KeyTable = std::map<std::string, KeyRow, std::less<>>;  // key id (1 to 8 of [a-z0-9]) -> row

Result<KeyRow> parse_key_row(std::string_view text);
std::string to_string(const KeyRow& row);  // holds the secret: never log it
// The active key with the latest creation (ties: greatest id), or end().
KeyTable::const_iterator signing_key(const KeyTable& keys);

}  // namespace postern
