// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule_lexer.h"

#include "base/strings.h"

namespace postern {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }

Token make(Token::Kind kind, size_t at, std::string_view text) {
  Token token;
  token.kind = kind;
  token.column = at + 1;
  token.text = text;
  return token;
}

}  // namespace

Token RuleLexer::bad(size_t at, const std::string& text) const { return make(Token::Kind::kBad, at, text); }

Token RuleLexer::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  const size_t start = at_;
  if (at_ == text_.size()) return make(Token::Kind::kEnd, start, "");
  const char c = text_[at_];
  const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (c == '-' && after == '-') {
    at_ = text_.size();
    return make(Token::Kind::kReason, start, trim(text_.substr(start + 2)));
  }
  if (is_letter(c)) return read_word();
  if (is_digit(c) || ((c == '-' || c == '+') && is_digit(after))) return read_number();
  if (c == '"') return read_text();
  if (c == '/') return read_pattern();
  ++at_;
  if (c == '(') return make(Token::Kind::kOpen, start, "(");
  if (c == ')') return make(Token::Kind::kClose, start, ")");
  if (c == ',') return make(Token::Kind::kComma, start, ",");
  for (const std::string_view op : {"==", "!=", "<=", ">=", "=~", "!~", "<", ">", "="}) {
    if (text_.substr(start, op.size()) != op) continue;
    at_ = start + op.size();
    return make(Token::Kind::kOperator, start, op);
  }
  return bad(start, "unexpected \"" + printable(text_.substr(start, 1)) + "\"");
}

// A name; those of header fields may hold '-'.
Token RuleLexer::read_word() {
  const size_t start = at_;
  const bool header = starts_nocase(text_.substr(start), "header.");
  while (at_ < text_.size() &&
         (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.' || (header && text_[at_] == '-'))) {
    ++at_;
  }
  return make(Token::Kind::kWord, start, text_.substr(start, at_ - start));
}

Token RuleLexer::read_number() {
  const size_t start = at_++;
  while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
  const auto number = to_double(text_.substr(start, at_ - start));
  double unit = 1;
  if (at_ < text_.size() && (text_[at_] == 'k' || text_[at_] == 'M')) unit = text_[at_++] == 'k' ? 1024 : 1048576;
  const bool glued = at_ < text_.size() && is_letter(text_[at_]);
  if (!number || glued) return bad(start, "not a number: expected digits like 5, -1.5, 100k or 2M");
  Token token = make(Token::Kind::kNumber, start, text_.substr(start, at_ - start));
  token.number = *number * unit;
  return token;
}

Token RuleLexer::read_text() {
  const size_t start = at_++;
  std::string text;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '"') {
      ++at_;
      return make(Token::Kind::kText, start, text);
    }
    if (c == '\\') {
      const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
      if (next != '"' && next != '\\') return bad(at_, R"(after "\" inside quotes expected " or \)");
      text += next;
      ++at_;
    } else {
      text += c;
    }
  }
  return bad(start, "the closing \" is missing");
}

Token RuleLexer::read_pattern() {
  const size_t start = at_++;
  while (at_ < text_.size() && text_[at_] != '/') at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size()) {
    at_ = text_.size();
    return bad(start, "the closing / of the pattern is missing");
  }
  Token token = make(Token::Kind::kPattern, start, text_.substr(start + 1, at_ - start - 1));
  ++at_;
  while (at_ < text_.size() && is_letter(text_[at_])) token.flags += text_[at_++];
  return token;
}

std::string describe(const Token& token) {
  switch (token.kind) {
    case Token::Kind::kEnd:
      return "the end";
    case Token::Kind::kReason:
      return "--";
    case Token::Kind::kText:
      return "text in quotes";
    case Token::Kind::kPattern:
      return "a pattern";
    default:
      return "\"" + printable(token.text, 40) + "\"";
  }
}

}  // namespace postern
