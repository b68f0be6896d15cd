// SPDX-License-Identifier: GPL-2.0-or-later
// Finds which of many literals stand in a text, in one pass whose cost hardly depends on their number.  Each literal
// is filed under one of its windows of four bytes (the least crowded); a scan looks up every window of the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

// ASCII letters in lower case, and the two signs that PCRE2 takes for k and s without regard to case (KELVIN SIGN,
// LATIN SMALL LETTER LONG S) as those letters.
std::string fold(std::string_view text);

class LiteralIndex {
 public:
  // A folded literal of at least four bytes; `id` is what find() reports.  One literal may have many ids.
  void add(std::string literal, uint32_t id);
  // Call once after the last add().
  void build();
  bool empty() const { return entries_.empty(); }
  // Sets bit `id` in `found` for every literal that stands in the folded text.
  void find(std::string_view folded, std::vector<uint64_t>& found) const;

 private:
  struct Added {
    std::string literal;
    uint32_t id;
  };
  struct Entry {
    uint32_t window;  // the four bytes
    uint32_t offset;  // of the window in the literal
    uint32_t literal;
  };
  struct Literal {
    std::string text;
    uint32_t first, count;  // in ids_
  };
  uint32_t bucket(uint32_t window) const { return (window * 2654435761U) >> shift_; }

  std::vector<Added> added_;
  std::vector<Literal> literals_;
  std::vector<uint32_t> ids_;
  std::vector<Entry> entries_;   // sorted by bucket
  std::vector<uint32_t> heads_;  // bucket -> first entry; one more at the end
  uint32_t shift_ = 24;
};

}  // namespace postern
