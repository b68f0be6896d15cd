// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/scan_summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/strings.h"
#include "cli/admin_setup.h"

namespace postern {
namespace {

constexpr size_t kRules = 15;

std::string share(size_t part, size_t whole) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f %%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  return text.data();
}

}  // namespace

void ScanSummary::add(const Judgement& judgement, int64_t micros) {
  ++messages_;
  micros_ += micros;
  ++verdicts_[judgement.verdict];
  for (const RuleHit& hit : judgement.rules.hits) {
    Rule& rule = rules_[hit.name];
    ++rule.hits;
    if (judgement.verdict != Verdict::kClean) ++rule.not_clean;
  }
}

bool ScanSummary::all_clean() const {
  return verdicts_.empty() || (verdicts_.size() == 1 && verdicts_.begin()->first == Verdict::kClean);
}

std::string ScanSummary::line() const {
  std::string out = std::to_string(messages_) + " messages:";
  for (const auto& [verdict, count] : verdicts_)
    out += " " + std::to_string(count) + " " + std::string(to_string(verdict));
  return out + "\n";
}

std::string ScanSummary::table() const {
  std::vector<std::vector<std::string>> rows{{"VERDICT", "MESSAGES", "SHARE"}};
  for (const auto& [verdict, count] : verdicts_) {
    rows.push_back({std::string(to_string(verdict)), std::to_string(count), share(count, messages_)});
  }
  rows.push_back({"all", std::to_string(messages_), ""});
  std::string out = columns(rows);
  std::vector<std::pair<std::string, Rule>> rules(rules_.begin(), rules_.end());
  std::stable_sort(rules.begin(), rules.end(),
                   [](const auto& a, const auto& b) { return a.second.hits > b.second.hits; });
  rows = {{"RULE", "HITS", "NOT CLEAN"}};
  for (const auto& [name, rule] : rules) {
    if (rows.size() > kRules) break;
    rows.push_back({printable(name), std::to_string(rule.hits), std::to_string(rule.not_clean)});
  }
  if (rows.size() > 1) out += "\n" + columns(rows);
  if (rules.size() > kRules) out += "and " + std::to_string(rules.size() - kRules) + " rules more\n";
  std::array<char, 32> time{};
  std::snprintf(time.data(), time.size(), "%.1f",
                static_cast<double>(micros_) / 1000.0 / static_cast<double>(messages_));
  return out + "\n" + time.data() + " ms a message\n";
}

}  // namespace postern
