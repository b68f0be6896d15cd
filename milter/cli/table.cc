// SPDX-License-Identifier: GPL-2.0-or-later
// postern networks|rules|policy|domains list|get|set|delete|dump|diff|load
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "cli/progress.h"
#include "policy/domains.h"
#include "policy/networks.h"
#include "policy/rules.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

// The key as rows have it: for networks and names in one spelling.
std::string normal_key(TableName table, const std::string& key) {
  if (table == TableName::kNetworks) {
    const auto row = check_row(table, key, "");
    return row.ok() ? row->first : key;
  }
  return table == TableName::kRules ? key : lower(key);
}

Json row_json(const std::string& key, const std::string& value) { return {{"key", key}, {"value", value}}; }

int print_rows(const CommandContext& context, TableName table, const TableRows& rows) {
  if (context.json) {
    for (const auto& [key, value] : rows) std::cout << dump_json(row_json(key, value)) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> cells;
  for (const auto& [key, value] : rows) cells.push_back({printable(key), printable(value, 4000)});
  std::cout << columns(cells);
  if (table == TableName::kRules && context.settings.default_rules) {
    std::cout << "# and " << default_rules().size() << " built-in rules; `postern rules get NAME` shows one\n";
  }
  return 0;
}

int list(const CommandContext& context, Admin& admin, TableName table, bool as_text) {
  if (table == TableName::kDomains && !as_text) return list_domains(context, admin);
  const auto rows = admin.rows(table);
  if (!rows.ok()) return complain(rows.error());
  if (!as_text || context.json) return print_rows(context, table, *rows);
  std::cout << format_table(table, *rows);
  return 0;
}

int get(const CommandContext& context, Admin& admin, TableName table, const TableOptions& options) {
  const std::string key = normal_key(table, options.key);
  const auto row = admin.row(table, key);
  if (!row.ok()) return complain(row.error());
  std::optional<std::string> value = *row;
  bool built_in = false;
  if (!value && table == TableName::kRules && context.settings.default_rules) {
    for (const RuleSet::Row& rule : default_rules()) {
      if (rule.name == key) value = rule.text, built_in = true;
    }
  }
  if (!value) {
    std::cerr << "postern: " << to_string(table) << " has no row " << printable(options.key) << "\n";
    return 1;
  }
  Json json = row_json(key, *value);
  if (built_in) json["built-in"] = true;
  std::cout << (context.json ? dump_json(json) : key + " " + *value) << "\n";
  return 0;
}

// One row's change, whoever asked for it.
int change_row(const CommandContext& context, Admin& admin, TableName table, RowChange change) {
  if (change.before == change.after) {
    if (!context.json) std::cout << to_string(table) << " " << change.key << " is that already\n";
    if (context.json) std::cout << dump_json({{"key", change.key}, {"changed", false}}) << "\n";
    return 0;
  }
  const auto generation = admin.apply(table, {change}, who_am_i());
  if (!generation.ok()) return complain(generation.error());
  if (context.json) {
    std::cout << dump_json({{"key", change.key}, {"changed", true}, {"generation", *generation}}) << "\n";
    return 0;
  }
  print_changes(context, {change});
  if (*generation > 0) std::cout << "generation " << *generation << "\n";
  return 0;
}

// Says what of a network's spelling was not taken as it stands.
void warn_of_network(const std::string& key) {
  std::vector<std::string> warnings;
  if (!parse_network(key, &warnings)) return;
  for (const std::string& text : warnings) std::cerr << "postern: warning: " << text << "\n";
}

int set(const CommandContext& context, Admin& admin, TableName table, const TableOptions& options) {
  std::string text = join(options.values, " ");
  if (table == TableName::kDomains) {  // the date of its first stamp stays in a row, and makes "tag=on" a whole one
    const auto present = admin.row(table, normal_key(table, options.key));
    if (!present.ok()) return complain(present.error());
    const auto known = *present ? parse_domain_row(**present) : Result<DomainRow>(DomainRow());
    const bool dated = text.find("since=") != std::string::npos;
    if (known.ok() && known->since && !dated) text += " since=" + iso_time(*known->since);
  }
  const auto row = check_row(table, options.key, text);
  if (!row.ok()) return complain(row.error());
  if (table == TableName::kNetworks) warn_of_network(options.key);
  const auto before = admin.row(table, row->first);
  if (!before.ok()) return complain(before.error());
  return change_row(context, admin, table, {row->first, *before, row->second});
}

int remove(const CommandContext& context, Admin& admin, TableName table, const TableOptions& options) {
  const std::string key = normal_key(table, options.key);
  const auto before = admin.row(table, key);
  if (!before.ok()) return complain(before.error());
  if (!*before) {
    std::cerr << "postern: " << to_string(table) << " has no row " << printable(options.key) << "\n";
    return 1;
  }
  return change_row(context, admin, table, {key, *before, std::nullopt});
}

int diff(const CommandContext& context, Admin& admin, TableName table, TableRows wanted) {
  const auto present = [&] {
    Progress progress;
    progress.step("reading the rows that are there");
    return admin.rows(table);
  }();
  if (!present.ok()) return complain(present.error());
  if (table == TableName::kDomains) keep_dates(*present, wanted);
  const auto changes = difference(*present, wanted);
  print_changes(context, changes);
  return changes.empty() ? 0 : 1;
}

int run_with(const CommandContext& context, TableName table, const TableOptions& options) {
  TableRows wanted;
  if (options.verb == "diff" || options.verb == "load") {
    const auto text = read_input(options.file);
    if (!text.ok()) return complain(text.error());
    auto rows = parse_table(table, options.file, *text);
    if (!rows.ok()) return complain(rows.error());
    wanted = std::move(rows.value());
  }
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  Admin& store = **admin;
  if (options.verb == "list") return list(context, store, table, false);
  if (options.verb == "dump") return list(context, store, table, true);
  if (options.verb == "get") return get(context, store, table, options);
  if (options.verb == "set") return set(context, store, table, options);
  if (options.verb == "delete") return remove(context, store, table, options);
  if (options.verb == "diff") return diff(context, store, table, std::move(wanted));
  if (options.verb == "load") return load_table(context, store, table, std::move(wanted), options);
  return complain(invalid("unknown verb " + options.verb));
}

}  // namespace

void print_changes(const CommandContext& context, const std::vector<RowChange>& changes) {
  const auto value = [](const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); };
  for (const RowChange& change : changes) {
    if (context.json) {
      std::cout << dump_json({{"key", change.key}, {"before", value(change.before)}, {"after", value(change.after)}})
                << "\n";
      continue;
    }
    const auto line = [&](const char* mark, const char* color, const std::string& text) {
      if (context.color) std::cout << color;
      std::cout << mark << printable(change.key) << " " << printable(text, 4000) << (context.color ? "\033[0m" : "")
                << "\n";
    };
    if (change.before) line("- ", "\033[31m", *change.before);
    if (change.after) line("+ ", "\033[32m", *change.after);
  }
}

size_t rows_gone(const std::vector<RowChange>& changes) {
  return static_cast<size_t>(
      std::count_if(changes.begin(), changes.end(), [](const auto& each) { return !each.after; }));
}

bool takes_most_away(const TableRows& present, const std::vector<RowChange>& changes) {
  return present.size() >= 4 && rows_gone(changes) * 2 > present.size();
}

int load_table(const CommandContext& context, Admin& admin, TableName table, TableRows wanted,
               const TableOptions& options) {
  const auto present = admin.rows(table);
  if (!present.ok()) return complain(present.error());
  if (table == TableName::kDomains) keep_dates(*present, wanted);
  const auto changes = difference(*present, wanted);
  if (options.dry_run) {
    print_changes(context, changes);
    return 0;
  }
  if (!options.force && takes_most_away(*present, changes)) {
    return complain(conflict("this would take " + std::to_string(rows_gone(changes)) + " of " +
                             std::to_string(present->size()) + " rows away: look at `postern " +
                             std::string(to_string(table)) + " diff " + options.file +
                             "`, then use --force if it is meant"));
  }
  uint64_t generation = 0;
  if (!changes.empty()) {
    Progress progress;
    progress.step("writing " + std::to_string(changes.size()) + " rows");
    const auto applied = admin.apply(table, changes, who_am_i());
    progress.clear();
    if (!applied.ok()) return complain(applied.error());
    generation = *applied;
  }
  if (context.json) {
    std::cout << dump_json({{"rows", wanted.size()}, {"changed", changes.size()}, {"generation", generation}})
              << "\n";
    return 0;
  }
  std::cout << to_string(table) << ": " << wanted.size() << " rows, " << changes.size() << " changed";
  if (generation > 0) std::cout << ", generation " << generation;
  std::cout << "\n";
  return 0;
}

int run_table(const CommandContext& context, const TableOptions& options) {
  const auto table = parse_table_name(options.table);
  if (!table) return complain(invalid("no table is named " + options.table));
  return run_with(context, *table, options);
}

}  // namespace postern
