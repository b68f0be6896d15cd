// SPDX-License-Identifier: GPL-2.0-or-later
// From rows of text to a RuleProgram.
#include <algorithm>
#include <map>

#include "policy/rule_drafts.h"
#include "policy/rule_program.h"

namespace postern {
namespace {

// How dear it is to find out; the cheap parts of a rule go first.
unsigned cost(const Expr& expr) {
  unsigned sum = 0;
  if (expr.kind == Expr::Kind::kRule) sum = 5;
  if (expr.kind == Expr::Kind::kTest) {
    sum = expr.test.op == Condition::Op::kMatch ? 10 : expr.test.op == Condition::Op::kContains ? 4 : 1;
    if (expr.test.fact.name == "body.text") sum *= 10;
  }
  for (const Expr& child : expr.children) sum += cost(child);
  return sum;
}

void flatten(Expr expr, std::vector<Expr>& parts) {
  if (expr.kind != Expr::Kind::kAnd) {
    parts.push_back(std::move(expr));
    return;
  }
  for (Expr& child : expr.children) flatten(std::move(child), parts);
}

bool mentions(const Expr& expr, FactScope scope) {
  if (expr.kind == Expr::Kind::kTest && expr.test.fact.scope == scope) return true;
  return std::any_of(expr.children.begin(), expr.children.end(),
                     [scope](const Expr& child) { return mentions(child, scope); });
}

}  // namespace

class RuleCompiler {
 public:
  explicit RuleCompiler(RuleProgram& out) : out_(out) {}

  void compile(const std::vector<RuleSet::Row>& rows, RuleProgram::Faults& faults) {
    std::vector<RuleDraft> drafts = read_rules(rows, faults);
    for (const RuleDraft& draft : drafts) number_.emplace(draft.name, static_cast<uint32_t>(number_.size()));
    for (RuleDraft& draft : drafts) emit(draft);
    for (uint32_t i = 0; i < out_.rules_.size(); ++i) file(i);
    finish();
  }

 private:
  using Axis = RuleProgram::Axis;
  using Level = RuleProgram::Level;
  // Tests of which one must be true; none: nothing is known.
  using Trigger = std::optional<std::vector<uint32_t>>;

  void emit(RuleDraft& draft) {
    RuleProgram::Rule rule;
    rule.name = draft.name;
    rule.reason = std::move(draft.syntax.reason);
    rule.score = draft.syntax.score;
    rule.bounce = draft.syntax.bounce;
    rule.off = draft.syntax.off;
    std::vector<Expr> parts;
    if (!rule.off) flatten(std::move(draft.syntax.condition), parts);
    std::stable_sort(parts.begin(), parts.end(), [](const Expr& a, const Expr& b) { return cost(a) < cost(b); });
    bool pdf = false;
    bool image = false;
    for (Expr& part : parts) {
      const bool pdf_part = mentions(part, FactScope::kPdf);
      const bool image_part = mentions(part, FactScope::kImage);
      const bool attachment_part = mentions(part, FactScope::kAttachment);
      pdf = pdf || pdf_part;
      image = image || image_part;
      auto& list = attachment_part ? rule.attachment : pdf_part || image_part ? rule.object : rule.message;
      list.push_back(add_node(part));
    }
    rule.attachments = !rule.attachment.empty();
    rule.axis = pdf && image ? Axis::kPdfImage : pdf ? Axis::kPdf : image ? Axis::kImage : Axis::kNone;
    out_.rules_.push_back(std::move(rule));
  }

  uint32_t add_node(Expr& expr) {
    RuleProgram::Node node;
    node.kind = expr.kind;
    if (expr.kind == Expr::Kind::kTest) {
      node.ref = add_test(expr.test);
    } else if (expr.kind == Expr::Kind::kRule) {
      node.ref = number_.at(expr.rule);
    } else {
      std::stable_sort(expr.children.begin(), expr.children.end(),
                       [](const Expr& a, const Expr& b) { return cost(a) < cost(b); });
      std::vector<uint32_t> children;
      for (Expr& child : expr.children) children.push_back(add_node(child));
      node.first = static_cast<uint32_t>(out_.kids_.size());
      node.count = static_cast<uint32_t>(children.size());
      out_.kids_.insert(out_.kids_.end(), children.begin(), children.end());
    }
    out_.nodes_.push_back(node);
    return static_cast<uint32_t>(out_.nodes_.size() - 1);
  }

  uint32_t add_test(Condition& condition) {
    const auto [found, fresh] = test_ids_.emplace(condition.key, static_cast<uint32_t>(out_.tests_.size()));
    if (!fresh) return found->second;
    RuleProgram::Test test;
    const std::vector<std::string> literals = condition.literals();
    RuleProgram::Slot* const slot = place(condition.fact, test, !literals.empty());
    test.indexed = !literals.empty();
    test.unknown = pixel_fact(condition.fact.name);
    for (const std::string& each : literals) slot->literals.add(each, found->second);
    test.condition = std::move(condition);
    out_.tests_.push_back(std::move(test));
    return found->second;
  }

  // Where a test finds its value; and the slot that takes its literals, made if `wanted`.
  RuleProgram::Slot* place(const FactRef& fact, RuleProgram::Test& test, bool wanted) {
    std::vector<RuleProgram::Slot>* slots = &out_.slots_;
    test.level = Level::kMessage;
    if (fact.scope == FactScope::kAttachment) {
      test.level = Level::kAttachment;
      slots = &out_.attachment_slots_;
    } else if (fact.scope == FactScope::kPdf) {
      test.level = Level::kPdf;
      slots = &out_.pdf_slots_;
    } else if (fact.scope == FactScope::kImage) {
      test.level = Level::kImage;
      slots = &out_.image_slots_;
    }
    test.slot = fact.index;
    if (test.level != Level::kMessage && !wanted) return nullptr;
    const auto [found, fresh] = slot_ids_.emplace(fact.name, static_cast<uint32_t>(slots->size()));
    if (fresh) {
      slots->push_back({fact, {}});
      if (fact.scope == FactScope::kHeader) out_.header_slots_.emplace_back(fact.name.substr(7), found->second);
    }
    if (test.level == Level::kMessage) test.slot = found->second;
    return &(*slots)[found->second];
  }

  // Notes what calls a rule up, and whether a body alone could make it hit.
  void file(uint32_t index) {
    RuleProgram::Rule& rule = out_.rules_[index];
    if (rule.off) return;
    out_.called_.resize(out_.tests_.size());
    rule.pixels = asks_pixels(index, PixelFact::kLook);
    rule.sightings = rule.pixels && asks_pixels(index, PixelFact::kSighting);
    if (rule.pixels) out_.pixel_rules_.push_back(index);
    const Trigger trigger = trigger_of_rule(index);
    if (!trigger) out_.always_.push_back(index);
    for (const uint32_t test : trigger.value_or(std::vector<uint32_t>())) out_.called_[test].push_back(index);
    if (rule.attachments || rule.axis != Axis::kNone) return;
    if (rule.name.front() == '_' && !rule.bounce) return;  // matters only through rules that refer to it
    for (const uint32_t part : rule.message) {
      if (!needs_body(part)) rule.before_body.push_back(part);
    }
    rule.body_alone = rule.before_body.size() != rule.message.size();
    if (rule.body_alone) out_.body_alone_.push_back(index);
  }

  bool needs_body(uint32_t index) {
    const RuleProgram::Node node = out_.nodes_[index];
    if (node.kind == Expr::Kind::kTest) {
      const FactScope scope = out_.tests_[node.ref].condition.fact.scope;
      return scope == FactScope::kBody || scope == FactScope::kReport;
    }
    if (node.kind == Expr::Kind::kRule) {
      const auto known = body_rules_.find(node.ref);
      if (known != body_rules_.end()) return known->second;
      const auto& parts = out_.rules_[node.ref].message;
      const bool any = std::any_of(parts.begin(), parts.end(), [this](uint32_t part) { return needs_body(part); });
      return body_rules_.emplace(node.ref, any).first->second;
    }
    for (uint32_t i = 0; i < node.count; ++i) {
      if (needs_body(out_.kids_[node.first + i])) return true;
    }
    return false;
  }

  // Whether a rule, or one that it refers to, asks for a fact of decoded pictures of at least this kind.
  bool asks_pixels(uint32_t index, PixelFact least) {
    const RuleProgram::Rule& rule = out_.rules_[index];
    const auto asks = [&](uint32_t part) { return node_asks_pixels(part, least); };
    return !rule.off && (std::any_of(rule.message.begin(), rule.message.end(), asks) ||
                         std::any_of(rule.attachment.begin(), rule.attachment.end(), asks) ||
                         std::any_of(rule.object.begin(), rule.object.end(), asks));
  }

  bool node_asks_pixels(uint32_t index, PixelFact least) {
    const RuleProgram::Node node = out_.nodes_[index];
    if (node.kind == Expr::Kind::kTest) return out_.tests_[node.ref].unknown >= least;
    if (node.kind == Expr::Kind::kRule) {
      const auto key = std::make_pair(node.ref, least);
      const auto known = pixel_answers_.find(key);
      if (known != pixel_answers_.end()) return known->second;
      return pixel_answers_.emplace(key, asks_pixels(node.ref, least)).first->second;
    }
    for (uint32_t i = 0; i < node.count; ++i) {
      if (node_asks_pixels(out_.kids_[node.first + i], least)) return true;
    }
    return false;
  }

  Trigger trigger_of_rule(uint32_t index) {
    const auto known = triggers_.find(index);
    if (known != triggers_.end()) return known->second;
    const RuleProgram::Rule& rule = out_.rules_[index];
    Trigger best;
    if (rule.off) best.emplace();  // never true
    for (const auto* const parts : {&rule.message, &rule.attachment, &rule.object}) {
      for (const uint32_t part : *parts) keep_smaller(best, trigger_of(part));
    }
    triggers_.emplace(index, best);
    return best;
  }

  static void keep_smaller(Trigger& best, Trigger other) {
    if (other && (!best || other->size() < best->size())) best = std::move(other);
  }

  Trigger trigger_of(uint32_t index) {
    const RuleProgram::Node node = out_.nodes_[index];
    Trigger out;
    switch (node.kind) {
      case Expr::Kind::kTest:
        if (out_.tests_[node.ref].indexed) out.emplace({node.ref});
        return out;
      case Expr::Kind::kRule:
        return trigger_of_rule(node.ref);
      case Expr::Kind::kAnd:
        for (uint32_t i = 0; i < node.count; ++i) keep_smaller(out, trigger_of(out_.kids_[node.first + i]));
        return out;
      case Expr::Kind::kOr:
        out.emplace();
        for (uint32_t i = 0; i < node.count; ++i) {
          const Trigger each = trigger_of(out_.kids_[node.first + i]);
          if (!each) return std::nullopt;
          out->insert(out->end(), each->begin(), each->end());
        }
        return out;
      case Expr::Kind::kNot:
        return std::nullopt;
    }
    return std::nullopt;
  }

  void finish() {
    out_.called_.resize(out_.tests_.size());
    std::sort(out_.header_slots_.begin(), out_.header_slots_.end());
    for (auto* const slots : {&out_.slots_, &out_.attachment_slots_, &out_.pdf_slots_, &out_.image_slots_}) {
      for (RuleProgram::Slot& slot : *slots) slot.literals.build();
    }
    out_.looks_at_size_ = slot_ids_.contains("bytes");
  }

  RuleProgram& out_;
  std::map<std::string, uint32_t, std::less<>> number_;  // -> out_.rules_
  std::map<std::string, uint32_t> test_ids_, slot_ids_;
  std::map<uint32_t, Trigger> triggers_;
  std::map<uint32_t, bool> body_rules_;
  std::map<std::pair<uint32_t, PixelFact>, bool> pixel_answers_;
};

RuleProgram::RuleProgram(const std::vector<RuleSet::Row>& rows, Faults& faults) {
  RuleCompiler(*this).compile(rows, faults);
}

}  // namespace postern
