// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule_drafts.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace postern {
namespace {

constexpr uint32_t kMaxHeight = 32;  // rules that refer to rules that refer to rules

void collect_references(const Expr& expr, std::vector<std::string>& names) {
  if (expr.kind == Expr::Kind::kRule) names.push_back(expr.rule);
  for (const Expr& child : expr.children) collect_references(child, names);
}

class Reader {
 public:
  explicit Reader(std::vector<std::pair<std::string, std::string>>& faults) : faults_(faults) {}

  std::vector<RuleDraft> read(const std::vector<RuleSet::Row>& rows) {
    parse(rows);
    std::vector<RuleDraft> good;
    for (uint32_t i = 0; i < drafts_.size(); ++i) check_references(i);
    for (Draft& draft : drafts_) {
      if (!draft.bad) good.push_back({std::move(draft.name), std::move(draft.syntax)});
    }
    return good;
  }

 private:
  struct Draft {
    std::string name;
    RuleSyntax syntax;
    std::vector<std::string> references;
    bool bad = false;
    enum class Visit : uint8_t { kNo, kNow, kDone } visit = Visit::kNo;
    size_t next = 0;      // reference to follow next
    uint32_t height = 0;  // longest chain of references
  };

  void fault(Draft& draft, std::string reason) {
    if (!draft.bad) faults_.emplace_back(draft.name, std::move(reason));
    draft.bad = true;
  }

  void parse(const std::vector<RuleSet::Row>& rows) {
    drafts_.reserve(rows.size());
    for (const RuleSet::Row& row : rows) {
      auto wrong = check_rule_name(row.name);
      if (!wrong && by_name_.contains(row.name)) wrong = "there are two rules of this name";
      if (wrong) {
        faults_.emplace_back(row.name, std::move(*wrong));
        continue;
      }
      by_name_.emplace(row.name, static_cast<uint32_t>(drafts_.size()));
      Draft& draft = drafts_.emplace_back();
      draft.name = row.name;
      auto parsed = parse_rule(row.name, row.text);
      if (const auto* const bad = std::get_if<SyntaxFault>(&parsed)) {
        fault(draft, "column " + std::to_string(bad->column) + ": " + bad->text);
        continue;
      }
      draft.syntax = std::get<RuleSyntax>(std::move(parsed));
      collect_references(draft.syntax.condition, draft.references);
    }
  }

  // Follows rule(NAME) from one rule, depth first, without recursion; a rule whose references cannot be followed is
  // bad.
  void check_references(uint32_t index) {
    if (drafts_[index].visit == Draft::Visit::kNo) enter(index);
    while (!path_.empty()) {
      Draft& draft = drafts_[path_.back()];
      if (!draft.bad && draft.next < draft.references.size()) {
        follow(draft, draft.references[draft.next++]);
        continue;
      }
      draft.visit = Draft::Visit::kDone;
      path_.pop_back();
    }
  }

  void enter(uint32_t index) {
    drafts_[index].visit = Draft::Visit::kNow;
    path_.push_back(index);
  }

  void follow(Draft& draft, const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return fault(draft, "rule(" + name + "): there is no rule of this name");
    Draft& other = drafts_[found->second];
    if (other.visit == Draft::Visit::kNow) {
      return fault(draft, "rules refer to each other in a circle: " + circle(found->second));
    }
    if (other.visit == Draft::Visit::kNo) {
      --draft.next;  // to be looked at again when the other one is done
      return enter(found->second);
    }
    draft.height = std::max(draft.height, other.height + 1);
    if (draft.height > kMaxHeight) {
      fault(draft, "rule(" + name + "): more than 32 rules that refer one to the next");
    } else if (other.bad) {
      fault(draft, "rule(" + name + "): that rule has an error");
    }
  }

  std::string circle(uint32_t from) const {
    std::string text;
    for (auto at = std::find(path_.begin(), path_.end(), from); at != path_.end(); ++at) {
      text += drafts_[*at].name + " -> ";
    }
    return text + drafts_[from].name;
  }

  std::vector<std::pair<std::string, std::string>>& faults_;
  std::vector<Draft> drafts_;
  std::map<std::string, uint32_t, std::less<>> by_name_;  // -> drafts_
  std::vector<uint32_t> path_;                            // rules that are being followed
};

}  // namespace

std::vector<RuleDraft> read_rules(const std::vector<RuleSet::Row>& rows,
                                  std::vector<std::pair<std::string, std::string>>& faults) {
  return Reader(faults).read(rows);
}

}  // namespace postern
