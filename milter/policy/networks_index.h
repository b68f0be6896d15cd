// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the longest prefix that covers an address, among a million, in a few memory reads.  A level-compressed trie
// (Nilsson and Karlsson, "IP-address lookup using LC-tries", IEEE JSAC 17, 1999): each node covers the smallest block
// that holds its prefixes' addresses and divides it into a power of two of cells, as many as it can fill halfway; so
// dense and empty parts of the address space cost the same.  A cell either names the one prefix that covers all of it
// (leaf pushing), or where its few prefixes begin, or a node that divides it further.
// It owns no prefixes: the caller hands in the same sorted ones at each call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ip.h"

namespace postern {

__extension__ typedef unsigned __int128 Uint128;
constexpr Uint128 number_of(const IpAddress& address) { return Uint128{address.high} << 64 | address.low; }

inline constexpr uint32_t kNoEntry = UINT32_MAX;

// One prefix, and a few bytes in which its owner keeps what every lookup needs.
struct PrefixEntry {
  IpAddress address;
  uint32_t parent = kNoEntry;  // the longest other entry that covers it; of equal prefixes the one before
  uint8_t length = 0;
  uint8_t use = 0;        // the owner's
  bool detailed = false;  // the owner's

  bool covers(const IpAddress& other) const { return masked(other, length) == address; }
};

class PrefixIndex {
 public:
  PrefixIndex() = default;
  // For entries[first..end), sorted by address and length, with their parents set.  At most 2^30 entries in all.
  PrefixIndex(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end);
  // The last of the longest entries that cover an address, or kNoEntry.
  uint32_t find(std::span<const PrefixEntry> entries, const IpAddress& address) const;
  // How many of all entries, counted from the very first, have an address up to this one.
  static uint32_t count_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                              const IpAddress& address);
  size_t memory() const { return nodes_.capacity() * sizeof(Node) + cells_.capacity() * sizeof(uint32_t); }

 private:
  struct Node {
    Uint128 base = 0;    // where its block starts
    uint32_t first = 0;  // its entries
    uint32_t end = 0;
    uint32_t first_cell = 0;  // in cells_
    uint8_t cell_bits = 0;    // log2 of the number of cells
    uint8_t shift = 0;        // log2 of a cell's width
  };
  uint32_t build(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end);
  void fill(std::span<const PrefixEntry> entries, const Node& node);

  std::vector<Node> nodes_;  // the root is the first
  std::vector<uint32_t> cells_;
};

}  // namespace postern
