// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator's side of the tables: reading rows as they are written, and changing many of them in one step.
// Serves `postern networks|rules|policy|domains|images|keys|changes|status` for both kinds of store.  The daemon never
// uses it: a node that could write tables could also write back old ones.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/rows.h"
#include "store/store.h"

namespace postern {

enum class TableName { kNetworks, kRules, kPolicy, kDomains, kPictures };
std::string_view to_string(TableName table);  // "networks"
std::optional<TableName> parse_table_name(std::string_view text);

// The row in its normal form (key in lower case where case does not count, blanks trimmed); the error names the key
// and what was expected.
Result<std::pair<std::string, std::string>> check_row(TableName table, std::string_view key, std::string_view value);
// Reads rows in file form (key, white space, value; `#` comments).  The error lists every bad row as file:line.
Result<TableRows> parse_table(TableName table, std::string_view path, std::string_view text);
// The file form, sorted by key; parse_table() of it gives the same rows.
std::string format_table(TableName table, const TableRows& rows);

// One row's change.  No `before`: it is new; no `after`: it goes.  `before` is what row() or rows() gave.
struct RowChange {
  std::string key;
  std::optional<std::string> before, after;
};
// The conflict of a change whose row is `now`.
Error changed_meanwhile(TableName table, const RowChange& change, const std::optional<std::string>& now);
// What turns `present` into `wanted`, by key.
std::vector<RowChange> difference(const TableRows& present, const TableRows& wanted);

// For the table `domains`: dates that nodes recorded stay.  Rows of `wanted` get the since= that `present` has, and
// rows of `present` that hold nothing else are not taken away.
void keep_dates(const TableRows& present, TableRows& wanted);

// One line of the audit trail.
struct ChangeEntry {
  UnixTime when = 0;
  std::string who, table, key;
  std::string before, after;  // empty: no row
  uint64_t generation = 0;
};

// What became of the bounces to a domain, and since when it stamps if its row does not say.
struct DomainReport {
  std::optional<UnixTime> since;
  std::map<std::string, uint64_t, std::less<>> bounces;  // one of kBounceOutcomes -> count
};
using DomainReports = std::map<std::string, DomainReport, std::less<>>;  // domain, or "*" for those past the bound

// Redis' own state, for `postern status`.
struct ServerInfo {
  std::string description;  // "embedded", "redis 127.0.0.1:6379"
  std::string role;         // "master", "replica"
  std::string version;
  uint64_t generation = 0;
  std::string digest;  // over the rows that it holds now
  uint64_t replicas = 0;
  uint64_t memory = 0;  // bytes
  uint64_t memory_limit = 0;       // bytes; 0: none
  std::string eviction;            // maxmemory-policy: "noeviction"
  bool appends = false;            // an append-only file is kept
  std::string last_write_fault;    // of the append-only file or the snapshot; empty: none
  std::optional<UnixTime> clock;   // its own, when it was asked
};

class Admin {
 public:
  virtual ~Admin() = default;
  virtual Result<TableRows> rows(TableName table) = 0;
  virtual Result<std::optional<std::string>> row(TableName table, std::string_view key) = 0;
  // All changes or none, with one new generation and an entry in the audit trail for each (one for all when they are
  // more than 1000).  Rows are checked by the caller.  kConflict, and nothing is changed, where a row is not what
  // `before` says: somebody changed it since it was read.  Gives the new generation.
  virtual Result<uint64_t> apply(TableName table, const std::vector<RowChange>& changes, std::string_view who) = 0;
  // Key id -> row text, secrets included: never print them.
  virtual Result<TableRows> keys() = 0;
  // The row of a user's feed in the portal, and setting it (nothing: it goes).  No table of the milter: it has neither
  // generation nor audit trail.  `id` is a word, the row one line.
  virtual Result<std::optional<std::string>> feed(std::string_view id) = 0;
  virtual Status set_feed(std::string_view id, const std::optional<std::string>& row) = 0;
  // Forgets what was counted and learned of all pictures near this fingerprint (hex).  False if nothing was known, as
  // always with the embedded store, whose counts live in the daemon's memory.
  virtual Result<bool> forget_picture(std::string_view fingerprint) = 0;
  // Adds a new active key and makes the present ones old.  Gives its id.
  virtual Result<std::string> rotate_key(std::string_view who, UnixTime now) = 0;
  // The latest changes, newest first.
  virtual Result<std::vector<ChangeEntry>> changes(size_t count) = 0;
  virtual Result<std::vector<NodeInfo>> nodes() = 0;
  virtual Result<std::vector<RefusedSource>> refused(size_t limit) = 0;
  virtual Result<DomainReports> domain_reports() = 0;
  virtual Result<ServerInfo> server() = 0;
};

// Fails when the store cannot be reached: an administrator wants to know.
Result<std::unique_ptr<Admin>> open_admin(const StoreOptions& options);

}  // namespace postern
