// SPDX-License-Identifier: GPL-2.0-or-later
// One regular expression of a rule: PCRE2 with JIT and limits.  The only home of PCRE2.  Any thread may match.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

class Pattern {
 public:
  struct Fault {
    size_t offset = 0;  // where in the pattern
    std::string text;
  };
  // Compiles `pattern` with flags out of "ismx" (as in Perl).  Text is UTF-8; bytes that are not never match.
  // Null on failure, with the reason in `fault`.
  static std::shared_ptr<const Pattern> compile(std::string_view pattern, std::string_view flags, Fault& fault);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // Whether the pattern occurs in the text.  A match that would take more than the limits is no match.
  bool matches(std::string_view text) const;
  // Folded texts (literal_index.h) of which every match holds at least one; empty if none is known.
  const std::vector<std::string>& literals() const { return literals_; }

 private:
  struct Code;
  Pattern();
  std::unique_ptr<Code> code_;
  std::vector<std::string> literals_;
};
using PatternPtr = std::shared_ptr<const Pattern>;

}  // namespace postern
