// SPDX-License-Identifier: GPL-2.0-or-later
// The text of one rule as a tree, with its facts looked up and its patterns compiled.  Knows one rule at a time:
// what rule(NAME) refers to is settled in rule_program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/fact_names.h"
#include "policy/rule_pattern.h"
#include "policy/verdict.h"

namespace postern {

struct FactRef {
  FactScope scope = FactScope::kMessage;
  FactType type = FactType::kFlag;
  uint32_t index = 0;  // in its each() list
  std::string name;    // as in the table; "header.x-mailer" in lower case
};

// One comparison.  `!=` and `!~` are a kNot around the comparison without "not".
struct Condition {
  enum class Op : uint8_t { kPresent, kEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kContains, kMatch };
  FactRef fact;
  Op op = Op::kPresent;
  std::vector<std::string> texts;  // kEqual, kContains: any of them
  std::vector<double> numbers;     // kEqual: any of them; else one
  PatternPtr pattern;
  std::string key;  // the same for equal conditions

  bool holds(const FactValue& value) const;
  // Folded texts of which at least one must stand in the value; empty if none is known.
  std::vector<std::string> literals() const;
};

struct Expr {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kTest, kRule };
  Kind kind = Kind::kTest;
  std::vector<Expr> children;  // kAnd, kOr: two or more; kNot: one
  Condition test;
  std::string rule;  // kRule: the name
  size_t column = 0;
};

struct RuleSyntax {
  bool off = false;
  double score = 0;
  std::optional<BounceKind> bounce;
  Expr condition;
  std::string reason;
};

// What was wrong, and at which byte of the text, counted from 1.
struct SyntaxFault {
  size_t column = 1;
  std::string text;
};

// Reads "score condition -- reason", "bounce=KIND condition -- reason" or "off".
std::variant<RuleSyntax, SyntaxFault> parse_rule(std::string_view name, std::string_view text);
// Nothing, or why this cannot be the name of a rule.
std::optional<std::string> check_rule_name(std::string_view name);

}  // namespace postern
