// SPDX-License-Identifier: GPL-2.0-or-later
// Finds an address's place among a million sorted ones in a few memory reads.  A tree of tables: each node covers a
// run of keys and divides the span between its least and its greatest key into a power of two of equal cells, about
// one a key; a cell that still holds many keys has a node of its own, with its own, smaller span.  So dense and empty
// parts of the address space cost the same (the idea of the level-compressed trie: Nilsson and Karlsson, "IP-address
// lookup using LC-tries", IEEE JSAC 17, 1999, with counted cells in place of bit strings).
// It owns no keys: the caller hands in the same sorted span at each call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/ip.h"

namespace postern {

__extension__ typedef unsigned __int128 Uint128;
constexpr Uint128 number_of(const IpAddress& address) { return Uint128{address.high} << 64 | address.low; }

class PrefixIndex {
 public:
  PrefixIndex() = default;
  explicit PrefixIndex(std::span<const IpAddress> sorted_keys);  // at most 2^31 - 1 keys, equal ones allowed
  // How many keys are <= address.
  size_t count_up_to(std::span<const IpAddress> sorted_keys, const IpAddress& address) const;
  size_t memory() const { return nodes_.capacity() * sizeof(Node) + cells_.capacity() * sizeof(uint32_t); }

 private:
  struct Node {
    Uint128 base = 0;         // its least key
    uint32_t low = 0;         // position of that key
    uint32_t first_cell = 0;  // in cells_
    uint32_t cell_count = 0;  // one more cell follows, the end of the last
    uint8_t shift = 0;        // log2 of a cell's width
  };
  uint32_t build(std::span<const IpAddress> keys, uint32_t low, uint32_t high);
  uint32_t start_of(uint32_t cell) const;

  std::vector<Node> nodes_;  // the root is the first
  // Position of a cell's first key, or kChild and the node that divides it further.
  std::vector<uint32_t> cells_;
};

}  // namespace postern
