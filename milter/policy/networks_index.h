// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the longest prefix that covers an address, among a million, mostly with one read of slow memory.  A
// level-compressed trie (Nilsson and Karlsson, "IP-address lookup using LC-tries", IEEE JSAC 17, 1999): each node
// covers the smallest block that holds its prefixes' addresses and divides it into a power of two of cells, about one
// for three prefixes; so dense and empty parts of the address space cost the same.  A cell is half a cache line and
// holds the few bits of its prefixes that tell them apart; one with too many has a node that divides it further.
// The prefixes of a cell are compared without branches, which no processor could foresee.
// It owns no prefixes: the caller hands in the same sorted ones at each call.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

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

class PrefixIndex {
 public:
  PrefixIndex() = default;
  // For entries[first..end), sorted by address and length, with their parents set.
  PrefixIndex(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end);
  // The last of the longest entries that cover an address.
  PrefixMatch find(std::span<const PrefixEntry> entries, const IpAddress& address) const;
  // How many of all entries, counted from the very first, have an address up to this one.
  static uint32_t count_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                              const IpAddress& address);
  size_t memory() const { return nodes_.capacity() * sizeof(Node) + cells_.capacity() * sizeof(Cell); }

 private:
  struct Node {
    Uint128 base = 0;    // where its block starts
    uint32_t first = 0;  // its entries
    uint32_t end = 0;
    uint32_t first_cell = 0;  // in cells_
    uint8_t cell_bits = 0;    // log2 of the number of cells
    uint8_t shift = 0;        // log2 of a cell's width
    uint8_t kept = 0;         // bytes that a cell keeps of each entry's address, from behind the cell's own bits
  };
  struct alignas(32) Cell {
    // What is kept of the entries' addresses: the bits behind the cell's own up to the entry's length, a one, zeros.
    // Of a divided cell: its node; of a full one: where its entries end.
    std::array<uint8_t, 21> kept{};
    uint8_t count = 0;        // of entries, or kDivided or kFull
    uint16_t cover_back = 0;  // how far before `start` the entry is that covers all of the cell, or kFar
    uint32_t start = 0;       // the first entry
    uint32_t codes = 0;       // three bits for the covering entry, three for each entry
  };
  static constexpr unsigned capacity(unsigned kept) { return kept == 2 ? 8 : 7; }
  static void set_cover(Cell& cell, std::span<const PrefixEntry> entries, uint32_t cover);
  template <unsigned kKept>
  static unsigned longest_in(const Cell& cell, uint32_t bits);

  // By halving entries[first..end), and from there up.
  static PrefixMatch search(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                            const IpAddress& address);
  static PrefixMatch find_in(const Cell& cell, const Node& node, std::span<const PrefixEntry> entries,
                             const IpAddress& address);

  uint32_t build(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end);
  void fill(std::span<const PrefixEntry> entries, const Node& node);
  Cell make_cell(std::span<const PrefixEntry> entries, const Node& node, uint32_t start, uint32_t end);

  std::vector<Node> nodes_;  // the root is the first
  std::vector<Cell> cells_;
};

}  // namespace postern
