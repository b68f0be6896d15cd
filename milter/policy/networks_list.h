// SPDX-License-Identifier: GPL-2.0-or-later
// Whole lists of networks: reading them as text (one network a line, or SPF records), and planning what a new list
// changes in the present one.  Pure: reads no file, changes no table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/networks.h"

namespace postern {

// A list as it was read.  `rows` hold each prefix once, sorted.
struct NetworkList {
  std::vector<NetworkRow> rows;
  std::vector<std::string> warnings;  // "file:line: ..."
};

// Rows on the way to a NetworkList: one for each prefix.
class NetworkListMaker {
 public:
  // Adds a row found at `place`.  The same row again is fine; the same prefix with another value is an error that
  // names both places.
  Status add(const NetworkRow& row, std::string_view place);
  // Adds a row of a published list; where a prefix serves several purposes, the notes are joined.
  void merge(const NetworkRow& row);
  void warn(std::string_view place, std::string_view text);
  NetworkList finish();

 private:
  struct Known {
    NetworkRow row;
    std::string place;
  };
  std::map<Prefix, Known> known_;
  std::vector<std::string> warnings_;
};

// Reads one network a line (`#` comments), in any form that parse_network_row() takes.  The error names every bad
// line (up to 20) as path:line.
Result<NetworkList> read_network_lines(std::string_view path, std::string_view text);
// Whether text holds an SPF record (RFC 7208).
bool looks_like_spf(std::string_view text);
// Reads SPF records as people copy them: alone, quoted in pieces, as lines of a zone or of dig.  ip4 and ip6 become
// allow rows (deny with "-"); what needs DNS is left out with a warning.
Result<NetworkList> read_spf(std::string_view path, std::string_view text);

// What one row's key becomes.  No `before`: it is new; no `after`: it goes.
struct NetworkChange {
  std::string key;
  std::optional<std::string> before, after;
};
struct NetworkPlan {
  std::vector<NetworkChange> changes;
  // Present rows of which some network goes, that get another value or spelling, that stay; and new networks.
  size_t removed = 0, changed = 0, kept = 0, added = 0;
  // More than half of the present rows would go: likely the wrong file.
  bool drastic() const { return removed * 2 > removed + changed + kept; }
};
// What turns the present rows (key -> value as stored, in any spelling) into `wanted`.  A present row that means the
// same as wanted ones stays as it is spelt.  With `keep`, no network goes: `wanted` is added to what is there.
NetworkPlan plan_networks(const std::map<std::string, std::string, std::less<>>& present,
                          const std::vector<NetworkRow>& wanted, bool keep = false);

}  // namespace postern
