// SPDX-License-Identifier: GPL-2.0-or-later
// The grammar of one rule, by recursive descent.
//   rule    = "off" | ( number | "bounce" "=" kind ) or [ "--" reason ]
//   or      = and { "or" and }          and = unary { "and" unary }
//   unary   = [ "not" ] ( "(" or ")" | "rule" "(" NAME ")" | test )
//   test    = fact [ operator value ]
#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "policy/rule_lexer.h"
#include "policy/rule_syntax.h"

namespace postern {
namespace {

using Kind = Token::Kind;
using Op = Condition::Op;

constexpr size_t kMaxText = 8192;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxReason = 200;
constexpr size_t kMaxTests = 200;
constexpr int kMaxDepth = 30;
constexpr double kMaxScore = 1000;

struct OpWord {
  std::string_view word;
  Op op;
  bool negated;
  bool numbers, texts;  // what it compares
};
constexpr OpWord kOps[] = {
    {"==", Op::kEqual, false, true, true},
    {"!=", Op::kEqual, true, true, true},
    {"<", Op::kLess, false, true, false},
    {"<=", Op::kLessEqual, false, true, false},
    {">", Op::kGreater, false, true, false},
    {">=", Op::kGreaterEqual, false, true, false},
    {"=~", Op::kMatch, false, false, true},
    {"!~", Op::kMatch, true, false, true},
    {"contains", Op::kContains, false, false, true},
    {"in", Op::kEqual, false, true, true},
};

bool is_text(FactType type) { return type == FactType::kText || type == FactType::kList; }

void find_bindings(const Expr& expr, bool& attachment, bool& picture) {
  if (expr.kind == Expr::Kind::kTest) {
    attachment = attachment || expr.test.fact.scope == FactScope::kAttachment;
    picture = picture || expr.test.fact.scope == FactScope::kPdf || expr.test.fact.scope == FactScope::kImage;
  }
  for (const Expr& child : expr.children) find_bindings(child, attachment, picture);
}

// Attachments are looked at apart from PDFs and pictures, so no part of a rule may be true of both at once.  Finds
// the part that would be.
const Expr* mixed_bindings(const Expr& expr) {
  if (expr.kind == Expr::Kind::kAnd) {
    for (const Expr& child : expr.children) {
      const Expr* const mixed = mixed_bindings(child);
      if (mixed != nullptr) return mixed;
    }
    return nullptr;
  }
  bool attachment = false;
  bool picture = false;
  find_bindings(expr, attachment, picture);
  return attachment && picture ? &expr : nullptr;
}

// The members return as soon as a fault is noted; callers look at failed().
class Parser {
 public:
  Parser(std::string_view name, std::string_view text) : name_(name), lexer_(text) { advance(); }

  RuleSyntax read() {
    RuleSyntax rule;
    if (is_word("off")) {
      rule.off = true;
      advance();
      if (token_.kind != Kind::kEnd) expected("nothing after off");
      return rule;
    }
    read_head(rule);
    if (!failed()) rule.condition = read_or(0);
    if (!failed() && token_.kind == Kind::kReason) {
      rule.reason = token_.text;
      if (rule.reason.size() > kMaxReason) fail(token_.column, "the reason is longer than 200 bytes");
      advance();
    }
    if (!failed() && token_.kind != Kind::kEnd) expected("and, or, -- or the end");
    const Expr* const mixed = failed() ? nullptr : mixed_bindings(rule.condition);
    if (mixed != nullptr) {
      fail(mixed->column,
           "attachment.* stands with pdf.* or image.* under one or, or one not: make two rules of it "
           "and join them with rule(NAME)");
    }
    return rule;
  }
  bool failed() const { return failed_; }
  const SyntaxFault& fault() const { return fault_; }

 private:
  void fail(size_t column, std::string text) {
    if (!failed_) fault_ = {column, std::move(text)};
    failed_ = true;
  }
  void expected(std::string_view what) {
    if (token_.kind == Kind::kBad) return fail(token_.column, token_.text);
    fail(token_.column, "expected " + std::string(what) + ", found " + describe(token_));
  }
  void advance() { token_ = lexer_.next(); }
  bool is_word(std::string_view word) const { return token_.kind == Kind::kWord && equal_nocase(token_.text, word); }
  bool take(Kind kind, std::string_view what) {
    if (token_.kind != kind) {
      expected(what);
      return false;
    }
    advance();
    return true;
  }

  void read_head(RuleSyntax& rule) {
    if (is_word("bounce")) {
      advance();
      if (token_.kind != Kind::kOperator || token_.text != "=") return expected("= after bounce");
      advance();
      rule.bounce = parse_bounce_kind(token_.text);
      if (!rule.bounce || rule.bounce == BounceKind::kNone) {
        return expected("failure, delay, success, mdn, autoreply, challenge, feedback or other");
      }
      return advance();
    }
    if (token_.kind != Kind::kNumber) return expected("a score, bounce=KIND or off");
    rule.score = token_.number;
    if (std::abs(rule.score) > kMaxScore) return fail(token_.column, "a score is from -1000 to 1000");
    if (name_.front() == '_' && rule.score != 0) {
      return fail(token_.column, "a rule whose name begins with _ only helps others: its score is 0");
    }
    advance();
  }

  Expr read_or(int depth) { return read_list(depth, "or", Expr::Kind::kOr); }

  // Operands joined by one word; a single operand stays what it is.
  Expr read_list(int depth, std::string_view word, Expr::Kind kind) {
    if (depth > kMaxDepth) fail(token_.column, "more than 30 levels of parentheses and not");
    Expr list;
    list.kind = kind;
    list.column = token_.column;
    while (!failed()) {
      list.children.push_back(kind == Expr::Kind::kOr ? read_list(depth, "and", Expr::Kind::kAnd)
                                                      : read_unary(depth));
      if (failed() || !is_word(word)) break;
      advance();
    }
    if (failed() || list.children.size() != 1) return list;
    Expr only = std::move(list.children.front());
    return only;
  }

  Expr read_unary(int depth) {
    const size_t column = token_.column;
    if (is_word("not")) {
      advance();
      if (depth > kMaxDepth) fail(column, "more than 30 levels of parentheses and not");
      return failed() ? Expr() : negated(read_unary(depth + 1), column);
    }
    if (token_.kind == Kind::kOpen) {
      advance();
      Expr inner = read_or(depth + 1);
      if (!failed()) take(Kind::kClose, ")");
      return inner;
    }
    if (is_word("rule")) return read_reference();
    return read_test();
  }

  static Expr negated(Expr inner, size_t column) {
    Expr expr;
    expr.kind = Expr::Kind::kNot;
    expr.column = column;
    expr.children.push_back(std::move(inner));
    return expr;
  }

  Expr read_reference() {
    Expr expr;
    expr.kind = Expr::Kind::kRule;
    advance();
    if (!take(Kind::kOpen, "( after rule")) return expr;
    expr.column = token_.column;
    expr.rule = token_.text;
    if (!take(Kind::kWord, "the name of a rule")) return expr;
    take(Kind::kClose, ")");
    return expr;
  }

  Expr read_test() {
    Expr expr;
    expr.column = token_.column;
    if (token_.kind != Kind::kWord) {
      expected("the name of a fact, not or (");
      return expr;
    }
    if (++tests_ > kMaxTests) fail(token_.column, "more than 200 conditions in one rule");
    const size_t column = token_.column;
    if (!read_fact(expr.test.fact)) return expr;
    const OpWord* const op = find_op();
    if (op == nullptr) {
      if (token_.kind == Kind::kOperator) expected("==, !=, <, <=, >, >=, =~ or !~");
      if (expr.test.fact.type == FactType::kCount || expr.test.fact.type == FactType::kNumber) {
        fail(column, expr.test.fact.name + " is a number: expected a comparison after it, for example > 0");
      }
      expr.test.key = expr.test.fact.name;
      return expr;
    }
    read_comparison(expr.test, *op);
    return op->negated ? negated(std::move(expr), column) : expr;
  }

  bool read_fact(FactRef& fact) {
    const std::string name = lower(token_.text);
    if (name == "and" || name == "or" || name == "in" || name == "contains") {
      expected("the name of a fact, not or (");
      return false;
    }
    const FactInfo* const known = find_fact(name);
    if (known != nullptr) {
      fact = {known->scope, known->type, known->index, known->name};
    } else if (name.size() > 7 && name.starts_with("header.")) {
      fact = {FactScope::kHeader, FactType::kText, 0, name};
    } else {
      fail(token_.column, "there is no fact \"" + printable(token_.text, 60) + "\"");
      return false;
    }
    advance();
    return true;
  }

  const OpWord* find_op() const {
    if (token_.kind != Kind::kOperator && token_.kind != Kind::kWord) return nullptr;
    for (const OpWord& each : kOps) {
      if (equal_nocase(each.word, token_.text)) return &each;
    }
    return nullptr;
  }

  void read_comparison(Condition& test, const OpWord& op) {
    const FactType type = test.fact.type;
    if (type == FactType::kFlag) {
      return fail(token_.column, test.fact.name + " is true or false: write it alone, or with not before it");
    }
    if (is_text(type) ? !op.texts : !op.numbers) {
      return fail(token_.column,
                  test.fact.name + " is a " + (is_text(type) ? "text" : "number") + ": expected " +
                      (is_text(type) ? "==, !=, =~, !~, contains or in" : "==, !=, <, <=, >, >= or in"));
    }
    test.op = op.op;
    const bool list = op.word == "in";
    advance();
    if (op.op == Op::kMatch) return read_pattern(test);
    test.key = test.fact.name + ' ' + std::to_string(static_cast<int>(op.op));
    if (list || (op.op == Op::kContains && token_.kind == Kind::kOpen)) {
      if (!take(Kind::kOpen, "(")) return;
      do {
        read_value(test);
      } while (!failed() && token_.kind == Kind::kComma && take(Kind::kComma, ","));
      if (!failed()) take(Kind::kClose, ", or )");
      return;
    }
    read_value(test);
  }

  void read_value(Condition& test) {
    const bool text = is_text(test.fact.type);
    if (token_.kind != (text ? Kind::kText : Kind::kNumber)) {
      return expected(text ? "a text in double quotes" : "a number");
    }
    // Spelt with lengths and exact digits, so that different values never make one key.
    const std::string value = text ? lower(token_.text) : token_.text;
    test.key += ' ' + std::to_string(value.size()) + ':' + value;
    if (text) {
      test.texts.push_back(token_.text);
    } else {
      test.numbers.push_back(token_.number);
    }
    advance();
  }

  void read_pattern(Condition& test) {
    if (token_.kind != Kind::kPattern) return expected("a pattern like /words/i");
    Pattern::Fault fault;
    test.pattern = Pattern::compile(token_.text, token_.flags, fault);
    if (!test.pattern) return fail(token_.column + 1 + fault.offset, "pattern: " + fault.text);
    test.key = test.fact.name + " =~ /" + token_.text + '/' + token_.flags;
    advance();
  }

  std::string_view name_;
  RuleLexer lexer_;
  Token token_;
  size_t tests_ = 0;
  bool failed_ = false;
  SyntaxFault fault_;
};

}  // namespace

std::variant<RuleSyntax, SyntaxFault> parse_rule(std::string_view name, std::string_view text) {
  if (text.size() > kMaxText) return SyntaxFault{kMaxText, "the rule is longer than 8192 bytes"};
  Parser parser(name, text);
  RuleSyntax rule = parser.read();
  if (parser.failed()) return parser.fault();
  return rule;
}

std::optional<std::string> check_rule_name(std::string_view name) {
  const auto letter = [](char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; };
  const bool good =
      !name.empty() && name.size() <= kMaxName && letter(name.front()) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
  if (good) return std::nullopt;
  return "\"" + printable(name, 40) +
         "\" is not a name for a rule: expected at most 64 letters, digits and _, not a digit first";
}

}  // namespace postern
