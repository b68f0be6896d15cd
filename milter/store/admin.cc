// SPDX-License-Identifier: GPL-2.0-or-later
// Rows as an administrator writes them: checking, reading, printing, comparing.
#include "store/admin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "policy/domains.h"
#include "policy/networks.h"
#include "policy/recipient_policy.h"
#include "policy/rules.h"
#include "store/picture_index.h"

namespace postern {
namespace {

constexpr std::array<std::string_view, 5> kNames{"networks", "rules", "policy", "domains", "pictures"};
constexpr size_t kMaxFaults = 20;

using Row = std::pair<std::string, std::string>;

Error named(std::string_view table, std::string_view key, std::string_view reason) {
  return invalid(std::string(table) + " \"" + printable(key, 100) + "\": " + std::string(reason));
}

Result<Row> check_network(std::string_view key, std::string_view value) {
  const auto rows = parse_network_row(key, value);
  if (!rows.ok()) return named("networks", key, rows.error().text);
  // One prefix has one spelling; a range stays as it was written.
  std::string name(rows->size() == 1 ? to_string(rows->front().prefix) : std::string(trim(key)));
  return Row{std::move(name), to_value(rows->front())};
}

Result<Row> check_rule(std::string_view key, std::string_view value) {
  const auto row = parse_rule_row(key, value);
  if (!row.ok()) return named("rules", key, row.error().text);
  return Row{row->name, row->text};
}

Result<Row> check_policy(std::string_view key, std::string_view value) {
  const std::string name = lower(key);
  const Status good = check_policy_key(name);
  if (!good.ok()) return named("policy", key, good.error().text);
  const auto row = parse_policy_row(value);
  if (!row.ok()) return named("policy", key, row.error().text);
  return Row{name, to_string(row.value())};
}

Result<Row> check_domain(std::string_view key, std::string_view value) {
  if (!is_domain_key(key) || key.find('@') != std::string_view::npos)
    return named("domains", key, "expected a domain");
  const auto row = parse_domain_row(value);
  if (!row.ok()) return named("domains", key, row.error().text);
  return Row{lower(key), to_string(row.value())};
}

Result<Row> check_picture(std::string_view key, std::string_view value) {
  Row row{lower(trim(key)), ""};
  for (const std::string_view word : words(value)) row.second += (row.second.empty() ? "" : " ") + std::string(word);
  std::vector<BadRow> bad;
  const PictureList list({row}, &bad);
  if (!bad.empty()) return named("pictures", key, bad.front().reason);
  return row;
}

// Collects what is wrong with a file, a line for each fault.
class Faults {
 public:
  void add(const std::string& fault) {
    if (++count_ <= kMaxFaults) text_ += (text_.empty() ? "" : "\n") + fault;
  }
  bool any() const { return count_ > 0; }
  Error error() const {
    return invalid(count_ > kMaxFaults ? text_ + "\n... and " + std::to_string(count_ - kMaxFaults) + " more"
                                       : text_);
  }

 private:
  size_t count_ = 0;
  std::string text_;
};

void add_row(TableRows& rows, Result<Row> row, const std::string& place, Faults& faults) {
  if (!row.ok()) {
    faults.add(place + row.error().text);
  } else if (!rows.emplace(row.value()).second) {
    faults.add(place + "\"" + row->first + "\" stands in the file already");
  }
}

Result<TableRows> parse_rules(std::string_view path, std::string_view text) {
  std::vector<std::pair<std::string, std::string>> bad;
  const auto read = read_rules_file(path, text, bad);
  Faults faults;
  for (const auto& [name, reason] : bad) faults.add(reason);
  TableRows rows;
  for (const RuleSet::Row& row : read) add_row(rows, Row{row.name, row.text}, std::string(path) + ": ", faults);
  // What only shows beside the other rules: references to rules that do not exist.
  bad.clear();
  const RuleSet compiled(with_default_rules(read), &bad);
  for (const auto& [name, reason] : bad) {
    if (rows.contains(name)) faults.add(std::string(path) + ": rule " + name + ": " + reason);
  }
  if (faults.any()) return faults.error();
  return rows;
}

}  // namespace

std::string_view to_string(TableName table) { return kNames.at(static_cast<size_t>(table)); }

std::optional<TableName> parse_table_name(std::string_view text) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<TableName>(found - kNames.begin());
}

Result<std::pair<std::string, std::string>> check_row(TableName table, std::string_view key, std::string_view value) {
  if (key.find('\n') != std::string_view::npos || value.find('\n') != std::string_view::npos) {
    return named(to_string(table), key, "a row is one line");
  }
  switch (table) {
    case TableName::kNetworks:
      return check_network(key, value);
    case TableName::kRules:
      return check_rule(key, value);
    case TableName::kPolicy:
      return check_policy(key, value);
    case TableName::kDomains:
      return check_domain(key, value);
    case TableName::kPictures:
      return check_picture(key, value);
  }
  return invalid("no such table");
}

Result<TableRows> parse_table(TableName table, std::string_view path, std::string_view text) {
  if (table == TableName::kRules) return parse_rules(path, text);
  TableRows rows;
  Faults faults;
  each_row(to_string(table), text, [&](unsigned line, std::string_view key, std::string_view value) {
    add_row(rows, check_row(table, key, value), std::string(path) + ":" + std::to_string(line) + ": ", faults);
  });
  if (faults.any()) return faults.error();
  return rows;
}

std::string format_table(TableName, const TableRows& rows) {
  std::string text;
  for (const auto& [key, value] : rows) text += key + (value.empty() ? "" : " ") + value + '\n';
  return text;
}

void keep_dates(const TableRows& present, TableRows& wanted) {
  for (const auto& [key, value] : present) {
    const auto before = parse_domain_row(value);
    if (!before.ok() || !before->since) continue;
    const auto row = wanted.find(key);
    if (row == wanted.end()) {
      if (!before->wanted) wanted.emplace(key, to_string(DomainRow{std::nullopt, before->since, false}));
      continue;
    }
    auto after = parse_domain_row(row->second);
    if (!after.ok() || after->since) continue;
    after.value().since = before->since;
    row->second = to_string(after.value());
  }
}

Error changed_meanwhile(TableName table, const RowChange& change, const std::optional<std::string>& now) {
  return conflict(std::string(to_string(table)) + " \"" + printable(change.key, 100) + "\" was changed meanwhile, to " +
                  (now ? "\"" + printable(*now) + "\"" : "no row") + "; nothing was written");
}

std::vector<RowChange> difference(const TableRows& present, const TableRows& wanted) {
  std::vector<RowChange> changes;
  for (const auto& [key, value] : present) {
    const auto other = wanted.find(key);
    if (other == wanted.end()) {
      changes.push_back({key, value, std::nullopt});
    } else if (other->second != value) {
      changes.push_back({key, value, other->second});
    }
  }
  for (const auto& [key, value] : wanted) {
    if (!present.contains(key)) changes.push_back({key, std::nullopt, value});
  }
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return changes;
}

}  // namespace postern
