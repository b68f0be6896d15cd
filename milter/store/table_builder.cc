// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/table_builder.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/strings.h"

namespace postern {

void TableBuilder::complain(std::string_view table, std::string_view key, std::string reason) {
  next_.bad_rows.push_back({std::string(table), std::string(key), std::move(reason)});
}

// Parses each row; where that fails, the last good text of the same key.  `parse` takes key and text, keeps what it
// made of them, and says what was wrong.
template <class Parse>
void TableBuilder::settle(std::string_view table, const TableRows& rows, TableRows& good, Parse parse) {
  TableRows kept;
  for (const auto& [key, text] : rows) {
    const Status status = parse(key, text);
    if (status.ok()) {
      kept.emplace(key, text);
      continue;
    }
    complain(table, key, status.error().text);
    const auto last = good.find(key);
    if (last != good.end() && parse(key, last->second).ok()) kept.insert(*last);
  }
  good = std::move(kept);
}

void TableBuilder::build_networks(const RawTables& raw) {
  std::vector<NetworkRow> all;
  settle("networks", raw.networks, good_.networks, [&all](const std::string& key, const std::string& text) -> Status {
    auto rows = parse_network_row(key, text);
    if (!rows.ok()) return rows.error();
    for (NetworkRow& row : rows.value()) all.push_back(std::move(row));
    return Nothing{};
  });
  next_.networks = NetworkTable(std::move(all));
}

void TableBuilder::build_rules(const RawTables& raw) {
  const auto compile = [this](const TableRows& texts, std::vector<std::pair<std::string, std::string>>* faults) {
    std::vector<RuleSet::Row> rows;
    for (const auto& [name, text] : texts) {
      const auto row = parse_rule_row(name, text);
      if (!row.ok()) {
        if (faults != nullptr) faults->emplace_back(name, row.error().text);
        continue;
      }
      rows.push_back(row.value());
    }
    return RuleSet(default_rules_ ? with_default_rules(rows) : rows, faults);
  };
  std::vector<std::pair<std::string, std::string>> faults;
  next_.rules = compile(raw.rules, &faults);
  TableRows kept = raw.rules;
  for (const auto& [name, reason] : faults) {
    complain("rules", name, reason);
    const auto last = good_.rules.find(name);
    const auto bad = kept.find(name);
    if (bad == kept.end()) continue;
    if (last != good_.rules.end()) {
      bad->second = last->second;
    } else {
      kept.erase(bad);
    }
  }
  if (!faults.empty()) next_.rules = compile(kept, nullptr);
  good_.rules = std::move(kept);
}

void TableBuilder::build_domains(const RawTables& raw) {
  next_.domains.clear();
  settle("domains", raw.domains, good_.domains, [this](const std::string& key, const std::string& text) -> Status {
    const auto row = parse_domain_row(text);
    if (!row.ok()) return row.error();
    next_.domains[lower(key)] = row.value();
    return Nothing{};
  });
}

void TableBuilder::build_keys(const RawTables& raw) {
  next_.keys.clear();
  settle("keys", raw.keys, good_.keys, [this](const std::string& key, const std::string& text) -> Status {
    const auto row = parse_key_row(text);
    if (!row.ok()) return row.error();
    next_.keys[key] = row.value();
    return Nothing{};
  });
}

// Adds where each row stands, and logs each bad text once.
void TableBuilder::report(const RawTables& raw, std::vector<BadRow>& bad_rows) {
  bad_rows.insert(bad_rows.end(), raw.unread.begin(), raw.unread.end());
  std::set<std::string> present;
  for (BadRow& row : bad_rows) {
    const auto place = raw.places.find(place_key(row.table, row.key));
    if (place != raw.places.end()) row.reason = place->second + ": " + row.reason;
    const std::string line =
        row.table + " row " + row.key + ": " + row.reason + "; its last good text stays in force";
    if (!reported_.contains(line)) log(LogLevel::kWarning, line);
    present.insert(line);
  }
  reported_ = std::move(present);
}

// Rows that stand in a file but could not be read keep their last good text, too.
RawTables TableBuilder::with_last_good(const RawTables& raw) const {
  RawTables out = raw;
  for (const BadRow& row : raw.unread) {
    if (row.table != "rules" || out.rules.contains(row.key)) continue;
    const auto last = good_.rules.find(row.key);
    if (last != good_.rules.end()) out.rules.insert(*last);
  }
  return out;
}

TablesPtr TableBuilder::build(const RawTables& rows, UnixTime now, const std::string& digest) {
  RawTables patched;
  if (!rows.unread.empty()) patched = with_last_good(rows);
  const RawTables& raw = rows.unread.empty() ? rows : patched;
  std::vector<BadRow> before;
  std::swap(before, next_.bad_rows);
  // A table whose text is the same keeps what was made of it, bad rows included.
  const auto part = [&](std::string_view table, const TableRows& is, const TableRows& was, auto make) {
    if (first_ || is != was) {
      (this->*make)(raw);
      return;
    }
    for (BadRow& row : before) {
      if (row.table == table) next_.bad_rows.push_back(std::move(row));
    }
  };
  part("networks", raw.networks, seen_.networks, &TableBuilder::build_networks);
  part("rules", raw.rules, seen_.rules, &TableBuilder::build_rules);
  part("domains", raw.domains, seen_.domains, &TableBuilder::build_domains);
  part("keys", raw.keys, seen_.keys, &TableBuilder::build_keys);
  first_ = false;
  seen_ = raw;
  good_.pictures = raw.pictures;
  good_.generation = next_.generation = raw.generation;
  next_.digest = digest.empty() ? digest_of(raw) : digest;
  next_.read_at = now;
  auto out = std::make_shared<Tables>(next_);
  report(raw, out->bad_rows);
  return out;
}

}  // namespace postern
