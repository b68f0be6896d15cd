// SPDX-License-Identifier: GPL-2.0-or-later
// What a new list changes in the present one.
#include <set>

#include "policy/networks_list.h"

namespace postern {
namespace {

// A present row in its normal form; nothing if it cannot be read.
std::optional<std::vector<NetworkRow>> normal_form(std::string_view key, std::string_view value) {
  auto rows = parse_network_row(key, value);
  if (!rows) return std::nullopt;
  return std::move(rows).value();
}

}  // namespace

NetworkPlan plan_networks(const std::map<std::string, std::string, std::less<>>& present,
                          const std::vector<NetworkRow>& wanted, bool keep) {
  std::map<Prefix, const NetworkRow*> all;  // wanted
  for (const NetworkRow& row : wanted) all.emplace(row.prefix, &row);
  auto open = all;  // wanted and not there yet
  struct Other {
    std::string key, value;
    bool dropped = false;  // some of its networks would be gone
    std::vector<NetworkRow> rows;
  };
  std::vector<Other> others;  // present rows that are not just as wanted
  NetworkPlan plan;
  for (const auto& [key, value] : present) {
    auto rows = normal_form(key, value);
    Other other{key, value, !rows, {}};
    if (rows) other.rows = std::move(*rows);
    bool same = !other.dropped;
    for (const NetworkRow& row : other.rows) {
      const auto at = all.find(row.prefix);
      other.dropped = other.dropped || at == all.end();
      same = same && at != all.end() && *at->second == row;
    }
    if (same) {
      for (const NetworkRow& row : other.rows) open.erase(row.prefix);
    }
    if (same || (keep && other.dropped)) {
      ++plan.kept;
    } else {
      others.push_back(std::move(other));
    }
  }
  for (const Other& other : others) {
    NetworkChange change{other.key, other.value, std::nullopt};
    for (const NetworkRow& row : other.rows) {
      const auto at = open.find(row.prefix);
      if (at == open.end()) continue;
      if (to_string(row.prefix) == other.key) {
        change.after = to_value(*at->second);
      } else {
        plan.changes.push_back({to_string(row.prefix), std::nullopt, to_value(*at->second)});
      }
      open.erase(at);
    }
    plan.changes.push_back(std::move(change));
    ++(other.dropped ? plan.removed : plan.changed);
  }
  for (const auto& [prefix, row] : open) {
    plan.changes.push_back({to_string(prefix), std::nullopt, to_value(*row)});
    ++plan.added;
  }
  return plan;
}

}  // namespace postern
