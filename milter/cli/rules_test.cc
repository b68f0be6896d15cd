// SPDX-License-Identifier: GPL-2.0-or-later
// `postern rules test FILE`: whether a rules file could be loaded, and what it would change.
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/commands.h"
#include "policy/rules.h"

namespace postern {
namespace {

using Faults = std::vector<std::pair<std::string, std::string>>;

Result<std::string> read_all(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.is_open() || in.bad()) return unavailable(file + ": cannot be read");
  return text;
}

struct Report {
  size_t rules = 0;
  size_t replaced = 0;              // built-in rules that the file replaces or switches off
  std::vector<std::string> faults;  // whole lines
  bool needs_every_body = false;    // the file, not the built-in rules, makes every body be read
};

Report test(const std::string& name, const std::string& text, bool with_defaults) {
  Report report;
  Faults faults;
  const std::vector<RuleSet::Row> rows = read_rules_file(name, text, faults);
  for (const auto& [rule, reason] : faults) report.faults.push_back(reason);
  report.rules = rows.size() + faults.size();
  std::set<std::string> known;
  if (with_defaults) {
    for (const RuleSet::Row& row : default_rules()) known.insert(row.name);
  }
  for (const RuleSet::Row& row : rows) report.replaced += known.count(row.name);
  // What rule(NAME) refers to shows only in the whole table.
  Faults later;
  const RuleSet rules(with_defaults ? with_default_rules(rows) : rows, &later);
  for (const auto& [rule, reason] : later) report.faults.push_back(name + ": rule " + rule + ": " + reason);
  const RuleSet before = with_defaults ? RuleSet(default_rules(), nullptr) : RuleSet();
  report.needs_every_body = rules.needs_every_body() && !before.needs_every_body();
  return report;
}

void print(const std::string& name, const Report& report) {
  for (const std::string& fault : report.faults) std::cout << fault << "\n";
  std::cout << name << ": " << report.rules << (report.rules == 1 ? " rule" : " rules");
  if (report.replaced > 0) std::cout << ", " << report.replaced << " of them in place of built-in ones";
  if (report.faults.empty()) {
    std::cout << ", good\n";
  } else {
    std::cout << ", " << report.faults.size() << (report.faults.size() == 1 ? " error\n" : " errors\n");
  }
  if (report.needs_every_body) {
    std::cout
        << "note: some rule looks at the text of messages without attachments, so more bodies have to be read\n";
  }
}

}  // namespace

int run_rules_test(const CommandContext& context, const std::string& file) {
  const auto text = read_all(file);
  if (!text) {
    std::cerr << "postern: " << text.error().text << "\n";
    return 2;
  }
  const std::string name = file == "-" ? "standard input" : file;
  const Report report = test(name, *text, context.settings.default_rules);
  if (context.json) {
    const nlohmann::ordered_json json{{"file", name},
                                      {"ok", report.faults.empty()},
                                      {"rules", report.rules},
                                      {"replaced", report.replaced},
                                      {"needs_every_body", report.needs_every_body},
                                      {"faults", report.faults}};
    std::cout << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
  } else {
    print(name, report);
  }
  return report.faults.empty() ? 0 : 1;
}

}  // namespace postern
