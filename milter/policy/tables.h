// SPDX-License-Identifier: GPL-2.0-or-later
// One consistent state of the shared tables, immutable once made.  A session takes a shared_ptr and keeps it, so a
// change never falls in the middle of a message.  Recipient policies are not in here: they are looked up one by one
// (there may be a million).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/domains.h"
#include "policy/keys.h"
#include "policy/networks.h"
#include "policy/rules.h"

namespace postern {

// A row that was not understood; the last good row of that key stays in force.
struct BadRow {
  std::string table;   // "networks", "rules", "domains", "keys", "policy"
  std::string key;
  std::string reason;  // what was expected
};

struct Tables {
  NetworkTable networks;
  RuleSet rules;
  DomainTable domains;
  KeyTable keys;
  uint64_t generation = 0;   // postern:generation when the snapshot was read; 0 for the embedded store
  std::string digest;        // 16 hex digits over all rows, the same on every node with the same rows
  UnixTime read_at = 0;
  std::vector<BadRow> bad_rows;
};
using TablesPtr = std::shared_ptr<const Tables>;

}  // namespace postern
