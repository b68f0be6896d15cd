// SPDX-License-Identifier: GPL-2.0-or-later
// What one host keeps for itself in state-directory, besides tracking records: the signing keys (file `keys`, mode
// 0600) and since when each domain stamps (file `domains`, only appended to).  Several processes may use the
// directory at once.  When it cannot be written, keys and dates live in memory, and the log says so once.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/rows.h"

namespace postern {

// A new active signing key as a row.
std::string new_key_text(UnixTime now);
// A key id that is not yet in the table: k1, k2, ...
std::string unused_key_id(const TableRows& keys);

class StateFiles {
 public:
  explicit StateFiles(std::string directory) : directory_(std::move(directory)) {}

  std::string signature() const;
  // The keys; creates the first one if there is none.
  TableRows keys(UnixTime now);
  // Domain -> "since=...", the earliest of each.
  TableRows domains();
  // Adds keys and dates to rows from files.  The administrator's word on a domain stands before a recorded date.
  void add_to(RawTables& raw, UnixTime now);
  // Records the first stamp of a domain.
  void add_domain(std::string_view domain, UnixTime now);
  // Replaces the keys (rotation).
  Status write_keys(const TableRows& keys);

  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

 private:
  void say_once(const std::string& fault);

  std::string directory_;
  TableRows memory_keys_, memory_domains_;
  bool said_ = false;
};

}  // namespace postern
