// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rules.h"

#include <map>

#include "policy/rule_program.h"

namespace postern {

struct RuleSet::Compiled {
  std::vector<Row> rows;
  RuleProgram program;
};

RuleSet::RuleSet() {
  static const auto none = std::make_shared<const Compiled>();
  compiled_ = none;
}

RuleSet::RuleSet(const std::vector<Row>& rows, std::vector<std::pair<std::string, std::string>>* faults) {
  RuleProgram::Faults own;
  compiled_ = std::make_shared<const Compiled>(Compiled{rows, RuleProgram(rows, faults != nullptr ? *faults : own)});
}

RuleResult RuleSet::evaluate(const Facts& facts) const { return run_rules(compiled_->program, facts); }
RuleResult RuleSet::evaluate_all(const Facts& facts) const { return run_rules(compiled_->program, facts, false); }
bool RuleSet::needs_every_body() const { return compiled_->program.looks_at_body_alone(); }
HeadAnswer RuleSet::evaluate_head(const Facts& facts) const { return run_rules_on_head(compiled_->program, facts); }
std::vector<bool> RuleSet::wanted_pictures(const Facts& facts, std::span<const double> limits,
                                           bool may_be_blocked) const {
  return postern::wanted_pictures(compiled_->program, facts, limits, may_be_blocked);
}
const std::vector<RuleSet::Row>& RuleSet::rows() const { return compiled_->rows; }

std::vector<RuleSet::Row> with_default_rules(const std::vector<RuleSet::Row>& own) {
  std::vector<RuleSet::Row> rows = default_rules();
  std::map<std::string_view, size_t> places;
  for (size_t i = 0; i < rows.size(); ++i) places.emplace(default_rules()[i].name, i);
  for (const RuleSet::Row& row : own) {
    const auto found = places.find(row.name);
    if (found != places.end()) {
      rows[found->second].text = row.text;
    } else {
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace postern
