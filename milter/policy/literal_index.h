// SPDX-License-Identifier: GPL-2.0-or-later
// Finds which of many literals stand in a text, in one pass whose cost hardly depends on their number.  Each literal
// is filed under one window of it, eight bytes or four if it is shorter, the least crowded one; a scan looks up every
// window of the text, and a bitmap answers for nearly all of them.
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
  bool empty() const { return literals_.empty(); }
  // Sets bit `id` in `found` for every literal that stands in the folded text.
  void find(std::string_view folded, std::vector<uint64_t>& found) const;

 private:
  struct Added {
    std::string literal;
    uint32_t id;
  };
  struct Literal {
    std::string text;
    uint32_t first, count;  // in ids_
  };
  struct Entry {
    uint64_t window;
    uint32_t offset;  // of the window in the literal
    uint32_t literal;
  };
  // Literals by windows of one width.
  struct Table {
    std::vector<Entry> entries;    // sorted by bucket
    std::vector<uint32_t> heads;   // bucket -> first entry; one more at the end
    std::vector<uint64_t> filter;  // a bit for each window that is there, by its hash
    uint32_t bits = 0;             // of a bucket; the filter has three more

    void build();
    uint32_t bucket(uint64_t hash) const { return static_cast<uint32_t>(hash >> (64 - bits)); }
    bool may_hold(uint64_t hash) const {
      const uint64_t bit = hash >> (64 - bits - 3);
      return (filter[bit / 64] >> (bit % 64) & 1) != 0;
    }
  };

  template <class Word>
  void find_in(const Table& table, std::string_view folded, std::vector<uint64_t>& found) const;
  void compare(const Table& table, uint64_t window, size_t at, std::string_view folded,
               std::vector<uint64_t>& found) const;

  std::vector<Added> added_;
  std::vector<Literal> literals_;
  std::vector<uint32_t> ids_;
  Table long_, short_;  // windows of eight and of four bytes
};

}  // namespace postern
