// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule_literals.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxLiteral = 24;  // longer ones find nothing sooner
constexpr size_t kMaxSet = 24;
constexpr int kMaxDepth = 30;

using Set = std::vector<std::string>;

size_t shortest(const Set& set) {
  size_t length = set.empty() ? 0 : kMaxLiteral;
  for (const std::string& each : set) length = std::min(length, each.size());
  return length;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alnum(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z'); }

// A reader of the part of PCRE2's syntax that is plain.  `lost_` is set at anything else, and the answer is void.
class Reader {
 public:
  Reader(std::string_view pattern, bool extended) : text_(pattern), extended_(extended) {}

  Set read() {
    Set set = alternatives(0);
    return lost_ || at_ != text_.size() ? Set() : set;
  }

 private:
  struct Atom {
    enum class Kind { kLiteral, kSet, kOther } kind = Kind::kOther;
    char literal = 0;
    Set set;
  };

  bool more() const { return !lost_ && at_ < text_.size(); }
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void skip_past(char end) {
    const size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) lost_ = true;
    at_ = lost_ ? text_.size() : found + 1;
  }
  void skip_blanks() {  // of /x
    while (extended_ && more()) {
      if (is_space(peek())) {
        ++at_;
      } else if (peek() == '#') {
        const size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
      } else {
        return;
      }
    }
  }

  // The union over all branches, void if one of them has nothing.
  Set alternatives(int depth) {
    if (depth > kMaxDepth) lost_ = true;
    Set all;
    bool known = true;
    do {
      Set branch = sequence(depth);
      known = known && !branch.empty();
      all.insert(all.end(), branch.begin(), branch.end());
    } while (more() && take("|"));
    return known && all.size() <= kMaxSet ? all : Set();
  }

  // The best of what stands one after another.
  Set sequence(int depth) {
    Set best;
    std::string run;
    const auto offer = [&best](Set set) {
      if (shortest(set) > shortest(best)) best = std::move(set);
    };
    const auto flush = [&] {
      if (run.size() >= kMinLiteral) offer({run.substr(0, kMaxLiteral)});
      run.clear();
    };
    for (skip_blanks(); more() && peek() != '|' && peek() != ')'; skip_blanks()) {
      const Atom atom = read_atom(depth);
      bool quantified = false;
      const bool needed = read_quantifier(quantified);
      if (atom.kind == Atom::Kind::kLiteral && needed) run += atom.literal;
      if (atom.kind != Atom::Kind::kLiteral || quantified) flush();
      if (atom.kind == Atom::Kind::kSet && needed) offer(atom.set);
    }
    flush();
    return best;
  }

  // Whether the atom before must occur at least once.
  bool read_quantifier(bool& quantified) {
    skip_blanks();
    bool needed = true;
    const char c = peek();
    if (c == '*' || c == '?' || c == '+') {
      ++at_;
      quantified = true;
      needed = c == '+';
    } else if (c == '{') {
      const size_t end = text_.find('}', at_);
      const std::string_view inner = end == std::string_view::npos ? "x" : text_.substr(at_ + 1, end - at_ - 1);
      if (inner.find_first_not_of("0123456789, \t") != std::string_view::npos) return true;  // a plain brace
      const auto least = to_uint(trim(inner.substr(0, inner.find(','))), 65535);
      at_ = end + 1;
      quantified = true;
      needed = least && *least > 0;
    }
    if (quantified) {
      skip_blanks();
      if (peek() == '?' || peek() == '+') ++at_;
      skip_blanks();
      // "a{2}{0}" and the like: nothing can be said.
      if (peek() == '{' || peek() == '*' || peek() == '?' || peek() == '+') lost_ = true;
    }
    return needed;
  }

  Atom read_atom(int depth) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '\\':
        return read_escape();
      case '[':
        read_class();
        return {};
      case '(':
        return read_group(depth);
      case '.':
      case '^':
      case '$':
        return {};
      default:
        return literal(c);
    }
  }

  // Bytes above ASCII are no literals: without regard to case they may be spelt otherwise.
  static Atom literal(char c) {
    if (static_cast<unsigned char>(c) >= 0x80) return {};
    return {Atom::Kind::kLiteral, lower(c), {}};
  }

  Atom read_escape() {
    const char c = peek();
    ++at_;
    if (!is_alnum(c)) return c == '\0' ? Atom() : literal(c);
    switch (c) {
      case 'Q':
      case 'E':
      case 'k':
      case 'g':
        lost_ = true;
        return {};
      case 'c':
        ++at_;
        return {};
      case 'x':
        if (peek() == '{') break;
        for (int i = 0; i < 2 && (is_digit(peek()) || (lower(peek()) >= 'a' && lower(peek()) <= 'f')); ++i) ++at_;
        return {};
      case 'p':
      case 'P':
        if (peek() == '{') break;
        ++at_;
        return {};
      default:
        while (is_digit(c) && is_digit(peek())) ++at_;
        break;
    }
    // \x{...} \p{...} \o{...} \N{...}; with others a brace is a quantifier.
    if (peek() == '{' && (c == 'x' || c == 'p' || c == 'P' || c == 'o' || c == 'N')) skip_past('}');
    return {};
  }

  void read_class() {
    if (peek() == '^') ++at_;
    if (peek() == ']') ++at_;
    while (more() && peek() != ']') {
      if (peek() == '\\') {
        lost_ = lost_ || peek(1) == 'Q' || peek(1) == 'E';
        at_ += 2;
      } else if (peek() == '[' && (peek(1) == ':' || peek(1) == '.' || peek(1) == '=')) {
        const size_t end = text_.find(std::string{peek(1), ']'}, at_ + 2);
        at_ = end == std::string_view::npos ? at_ + 1 : end + 2;
      } else {
        ++at_;
      }
    }
    lost_ = lost_ || !more();
    ++at_;
  }

  Atom read_group(int depth) {
    bool counts = true;  // whether what it holds is part of the match
    if (peek() == '*') lost_ = true;
    if (take("?")) {
      if (take("=") || take("!") || take("<=") || take("<!")) {
        counts = false;
      } else if (take("P<") || take("<")) {
        skip_past('>');
      } else if (!take(":") && !take(">")) {
        lost_ = true;  // comments, options, conditions, recursion
      }
    }
    Set set = lost_ ? Set() : alternatives(depth + 1);
    if (!take(")")) lost_ = true;
    if (!counts || set.empty()) return {};
    return {Atom::Kind::kSet, 0, std::move(set)};
  }

  std::string_view text_;
  bool extended_;
  size_t at_ = 0;
  bool lost_ = false;
};

}  // namespace

std::vector<std::string> required_literals(std::string_view pattern, std::string_view flags) {
  return Reader(pattern, flags.find('x') != std::string_view::npos).read();
}

}  // namespace postern
