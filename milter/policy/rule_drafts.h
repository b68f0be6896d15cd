// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of rules read and checked as a whole: names, syntax, and what rule(NAME) refers to.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/rule_syntax.h"
#include "policy/rules.h"

namespace postern {

struct RuleDraft {
  std::string name;
  RuleSyntax syntax;
};

// The good rules in their order.  Each bad one is reported as (name, reason); bad is also a rule that refers to a bad
// or missing one, or to itself by way of others.
std::vector<RuleDraft> read_rules(const std::vector<RuleSet::Row>& rows,
                                  std::vector<std::pair<std::string, std::string>>& faults);

}  // namespace postern
