// SPDX-License-Identifier: GPL-2.0-or-later
// The rule language of rules/*.rules (postern-rules(5)): text in, score and names out.
//   NAME score condition and condition ... -- reason in words
//   NAME bounce=failure condition ...      -- classifies automatic mail instead of scoring
// A rule that names pdf.*, image.* or attachment.* facts hits if all its conditions hold for one and the same PDF,
// picture or attachment.  Evaluation does no I/O, reads no clock, throws nothing; patterns run under PCRE2 match
// limits, and a pattern that exceeds them does not match.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/facts.h"
#include "policy/verdict.h"

namespace postern {

struct RuleHit {
  std::string name;
  double score = 0;
  std::string reason;
};

struct RuleResult {
  double score = 0;
  std::vector<RuleHit> hits;                    // in the order of the rules
  BounceKind bounce_kind = BounceKind::kNone;   // of the first bounce= rule that hit
};

class RuleSet {
 public:
  struct Row {
    std::string name;
    std::string text;  // without the name
  };
  RuleSet();                                    // no rules
  // Compiles rows; the first bad one of each name is reported in `faults` as (name, reason) and left out.
  explicit RuleSet(const std::vector<Row>& rows, std::vector<std::pair<std::string, std::string>>* faults);
  RuleResult evaluate(const Facts& facts) const;
  // Whether some rule looks at the visible text of messages that have no attachment, so that every body is needed.
  bool needs_every_body() const;
  const std::vector<Row>& rows() const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

// Rows of a rules file; errors name file:line and what was expected.  A row "NAME off" disables a built-in rule.
Result<std::vector<RuleSet::Row>> parse_rules_file(std::string_view path, std::string_view text);
// Row from a hash field: the value may or may not repeat the name.
Result<RuleSet::Row> parse_rule_row(std::string_view name, std::string_view text);
// The pack that is built into the program from rules/*.rules.
const std::vector<RuleSet::Row>& default_rules();
// `own` rows over the built-in ones: same name replaces, "off" removes.
std::vector<RuleSet::Row> with_default_rules(const std::vector<RuleSet::Row>& own);

}  // namespace postern
