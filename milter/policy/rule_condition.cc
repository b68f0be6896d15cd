// SPDX-License-Identifier: GPL-2.0-or-later
// Condition: one comparison against one value.
#include <algorithm>

#include "base/strings.h"
#include "policy/literal_index.h"
#include "policy/rule_literals.h"
#include "policy/rule_syntax.h"

namespace postern {
namespace {

bool text_holds(const Condition& test, std::string_view value) {
  const auto any = [&test](auto&& compare) { return std::any_of(test.texts.begin(), test.texts.end(), compare); };
  switch (test.op) {
    case Condition::Op::kPresent:
      return !value.empty();
    case Condition::Op::kEqual:
      return any([&](const std::string& each) { return equal_nocase(value, each); });
    case Condition::Op::kContains:
      return any([&](const std::string& each) { return find_nocase(value, each) != std::string_view::npos; });
    case Condition::Op::kMatch:
      return test.pattern->matches(value);
    default:
      return false;
  }
}

bool number_holds(const Condition& test, double value) {
  const double wanted = test.numbers.front();
  switch (test.op) {
    case Condition::Op::kEqual:
      return std::find(test.numbers.begin(), test.numbers.end(), value) != test.numbers.end();
    case Condition::Op::kLess:
      return value < wanted;
    case Condition::Op::kLessEqual:
      return value <= wanted;
    case Condition::Op::kGreater:
      return value > wanted;
    case Condition::Op::kGreaterEqual:
      return value >= wanted;
    default:
      return false;
  }
}

}  // namespace

bool Condition::holds(const FactValue& value) const {
  if (fact.type == FactType::kFlag) return value.flag();
  if (fact.type == FactType::kCount || fact.type == FactType::kNumber) return number_holds(*this, value.number());
  for (size_t i = 0; i < value.texts(); ++i) {
    if (text_holds(*this, value.text(i))) return true;
  }
  return false;
}

std::vector<std::string> Condition::literals() const {
  if (op == Op::kMatch) return pattern->literals();
  std::vector<std::string> folded;
  for (const std::string& each : texts) {
    folded.push_back(fold(each));
    if (folded.back().size() < kMinLiteral) return {};
  }
  return folded;
}

}  // namespace postern
