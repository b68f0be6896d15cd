// SPDX-License-Identifier: GPL-2.0-or-later
// The rule language of rules/*.rules (postern-rules(5)): text in, score and names out.
//   NAME score condition and condition ... -- reason in words
//   NAME bounce=failure condition ...      -- classifies automatic mail instead of scoring
//   NAME off                               -- never hits; switches a built-in rule off
// A rule that names pdf.*, image.* or attachment.* facts hits if all its conditions hold for one and the same PDF,
// picture or attachment.  A rule whose name begins with _ only helps others and is not listed.  Evaluation does no
// I/O, reads no clock, throws nothing; patterns run under PCRE2 match limits, and a pattern that exceeds them does
// not match.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
  std::vector<RuleHit> hits;                   // in the order of the rules
  BounceKind bounce_kind = BounceKind::kNone;  // of the first bounce= rule that hit
};

// What the rules say once the headers are known.
struct HeadAnswer {
  // Whether some rule could still hit a message that has no attachment by what its body says, its envelope and headers
  // being what they are.  Never where needs_every_body() is false.
  bool needs_body = false;
  // Else what evaluate() will say of the message if nothing of its body becomes known but its size; nothing if a rule
  // looks at the size.
  std::optional<RuleResult> result;
};

class RuleSet {
 public:
  struct Row {
    std::string name;
    std::string text;  // without the name
  };
  RuleSet();  // no rules
  // Compiles rows; the first bad one of each name is reported in `faults` as (name, reason) and left out.
  // So are rules that refer to a bad or missing one.  `faults` may be null.
  explicit RuleSet(const std::vector<Row>& rows, std::vector<std::pair<std::string, std::string>>* faults);
  RuleResult evaluate(const Facts& facts) const;
  // The same answer found by trying every rule; slow, for tests and measurements.
  RuleResult evaluate_all(const Facts& facts) const;
  // Whether some rule looks at the visible text of messages that have no attachment, so that every body is needed.
  bool needs_every_body() const;
  // The finer question, asked of a message's envelope and headers.
  HeadAnswer evaluate_head(const Facts& facts) const;
  // Which pictures must be decoded, in the order of for_each_picture(); only those that are `skipped` can be.  One must
  // if a rule about how often it was seen (or about its fingerprint, or a rule that scores nothing and is there to be
  // watched) could still hit by it; or if the score could still come to lie on the other side of one of `limits`, and a
  // rule that could still hit looks at its pixels.  `may_be_blocked` false: no picture at all is blocked.
  std::vector<bool> wanted_pictures(const Facts& facts, std::span<const double> limits, bool may_be_blocked) const;
  const std::vector<Row>& rows() const;  // as given, the bad ones too

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

// Rows of a rules file: one rule a line, continued by lines that begin with white space; # begins a comment line.
// Errors name file:line:column and what was expected.  A row "NAME off" disables a built-in rule.
Result<std::vector<RuleSet::Row>> parse_rules_file(std::string_view path, std::string_view text);
// The same, but bad rows are left out and reported as (name, "file:line:column: reason"), so that they harm no
// others.
std::vector<RuleSet::Row> read_rules_file(std::string_view path, std::string_view text,
                                          std::vector<std::pair<std::string, std::string>>& faults);
// Row from a hash field: the value may or may not repeat the name.
Result<RuleSet::Row> parse_rule_row(std::string_view name, std::string_view text);
// The pack that is built into the program from rules/*.rules.
const std::vector<RuleSet::Row>& default_rules();
// `own` rows over the built-in ones: the same name replaces, in its place.  "NAME off" stays as a row that never
// hits, so that rule(NAME) elsewhere keeps its meaning.
std::vector<RuleSet::Row> with_default_rules(const std::vector<RuleSet::Row>& own);

}  // namespace postern
