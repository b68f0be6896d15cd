// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the longest prefix that covers an address, among a million, with two reads of slow memory, the first in a
// table small enough to stay in the processor's own cache.  A level-compressed trie (Nilsson and Karlsson,
// "IP-address lookup using LC-tries", IEEE JSAC 17, 1999): each node covers the smallest block that holds its
// prefixes' addresses and divides it into a power of two of cells; so dense and empty parts of the address space cost
// the same.  A cell is only the place where its prefixes start in an array of words, one for each prefix: the few
// bits that tell it from its cell's others, and what is to be answered.  All words of a cell are compared at once,
// without branches, which no processor could foresee.  A cell with too many prefixes has a node that divides it
// further. It owns no prefixes: the caller hands in the same sorted ones at each call.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>

#include "base/huge_pages.h"
#include "base/ip.h"

namespace postern {

__extension__ typedef unsigned __int128 Uint128;
constexpr Uint128 number_of(const IpAddress& address) { return Uint128{address.high} << 64 | address.low; }

inline constexpr uint32_t kNoEntry = UINT32_MAX;

// One prefix, and two small things that its owner wants back with every answer.
struct PrefixEntry {
  IpAddress address;
  uint32_t parent = kNoEntry;  // the longest other entry that covers it; of equal prefixes the one before
  uint8_t length = 0;
  uint8_t use = 0;        // 0 to 2: the owner's
  bool detailed = false;  // the owner's

  bool covers(const IpAddress& other) const { return masked(other, length) == address; }
};

struct PrefixMatch {
  uint32_t entry = kNoEntry;
  uint8_t use = 0;  // of that entry; means nothing when there is none
  bool detailed = false;
};

// `Word`: uint16_t keeps 11 bits of a prefix behind those of its cell, which serves IPv4; uint32_t keeps 27.  Of a
// longer prefix, the entry itself is asked.
template <class Word>
class PrefixIndex {
 public:
  PrefixIndex() = default;
  // For entries[first..end), sorted by address and length, with their parents set.  Fewer than 2^29 in all.
  PrefixIndex(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end);
  // The last of the longest entries that cover an address.
  PrefixMatch find(std::span<const PrefixEntry> entries, const IpAddress& address) const;
  // Heap memory held, in bytes.
  size_t memory() const {
    return nodes_.capacity() * sizeof(Node) + (cells_.capacity() + extras_.capacity()) * sizeof(uint32_t) +
           words_.capacity() * sizeof(Word);
  }

 private:
  // An address as a number: the last 32 bits of an IPv4 one.
  using Number = std::conditional_t<sizeof(Word) == 2, uint32_t, Uint128>;
  struct Node {
    Number base = 0;  // where its block starts
    uint32_t first = 0;
    uint32_t end = 0;             // of its entries
    uint32_t outside = kNoEntry;  // the longest entry that covers all of the block: may cover what is outside of it
    uint32_t first_cell = 0;      // in cells_ and extras_
    uint8_t cell_bits = 0;        // log2 of the number of cells
    uint8_t shift = 0;            // log2 of a cell's width
  };
  PrefixMatch find_in(uint32_t cell, uint32_t bits, std::span<const PrefixEntry> entries,
                      const IpAddress& address) const;
  uint32_t build(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end);
  void fill(std::span<const PrefixEntry> entries, const Node& node);
  void fill_cell(std::span<const PrefixEntry> entries, const Node& node, uint32_t cell, uint32_t start, uint32_t end,
                 uint32_t cover);
  Word word_of(const PrefixEntry& entry, unsigned shift) const;

  HugeVector<Node> nodes_;       // the root is the first
  HugeVector<uint32_t> cells_;   // two bits: what kind of cell; 30: its first entry.  One more cell ends each node
  HugeVector<uint32_t> extras_;  // of a covered cell: the covering entry and its code; of a divided one: its node
  HugeVector<Word> words_;       // of each entry
  uint32_t first_ = 0;           // the entry of the first word
};

extern template class PrefixIndex<uint16_t>;
extern template class PrefixIndex<uint32_t>;

// How many of all entries, counted from the very first, have an address up to this one.
uint32_t count_entries_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                             const IpAddress& address);

}  // namespace postern
