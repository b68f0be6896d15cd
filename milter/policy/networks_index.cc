// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_index.h"

#include <algorithm>
#include <array>
#include <bit>

namespace postern {
namespace {

// What a cell holds: two bits say which, thirty are a number.
constexpr uint32_t kKind = 3U << 30;
constexpr uint32_t kDirect = 0;         // number - 1 is the entry that covers all of the cell; 0: none does
constexpr uint32_t kBucket = 1U << 30;  // its first entry
constexpr uint32_t kChild = 2U << 30;   // a node

constexpr uint32_t kFewEntries = 6;  // so many are searched one by one
constexpr unsigned kMinCellBits = 3;

unsigned bit_width_of(Uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(value)));
}

IpAddress address_of(Uint128 number) { return {static_cast<uint64_t>(number >> 64), static_cast<uint64_t>(number)}; }

// From `at` up through its parents: the first that covers the address.
uint32_t climb(std::span<const PrefixEntry> entries, uint32_t at, const IpAddress& address) {
  while (at != kNoEntry && !entries[at].covers(address)) at = entries[at].parent;
  return at;
}

// The most cells (as log2) of which at least half will hold something.  `block_bits`: log2 of the block's width.
unsigned choose_cell_bits(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, unsigned block_bits) {
  std::array<uint32_t, 129> splits{};  // how many neighbours first differ at this bit of the block
  for (uint32_t i = first + 1; i < end; ++i) {
    const Uint128 differ = number_of(entries[i - 1].address) ^ number_of(entries[i].address);
    if (differ != 0) ++splits.at(block_bits - bit_width_of(differ));
  }
  unsigned best = std::min(block_bits, kMinCellBits);
  uint64_t occupied = 1;
  for (unsigned bits = 1; bits <= block_bits && bits < 30; ++bits) {
    occupied += splits.at(bits - 1);
    if (uint64_t{1} << bits <= 2 * occupied) best = std::max(best, bits);
  }
  return best;
}

}  // namespace

PrefixIndex::PrefixIndex(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end) {
  if (first == end) return;
  build(entries, first, end);
  nodes_.shrink_to_fit();
  cells_.shrink_to_fit();
}

uint32_t PrefixIndex::build(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end) {
  const Uint128 low = number_of(entries[first].address);
  const unsigned block_bits = bit_width_of(low ^ number_of(entries[end - 1].address));
  Node node;
  node.base = block_bits == 128 ? 0 : low >> block_bits << block_bits;
  node.first = first;
  node.end = end;
  node.cell_bits = static_cast<uint8_t>(choose_cell_bits(entries, first, end, block_bits));
  node.shift = static_cast<uint8_t>(block_bits - node.cell_bits);
  node.first_cell = static_cast<uint32_t>(cells_.size());
  const auto self = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back(node);
  cells_.resize(cells_.size() + (size_t{1} << node.cell_bits));
  fill(entries, node);
  return self;
}

void PrefixIndex::fill(std::span<const PrefixEntry> entries, const Node& node) {
  const unsigned cell_length = 128U - node.shift;  // as a prefix length
  uint32_t at = node.first;
  uint32_t cover = entries[node.first].parent;  // of the cell before
  for (uint32_t cell = 0; cell >> node.cell_bits == 0; ++cell) {
    const Uint128 cell_base = node.base + (Uint128{cell} << node.shift);
    const uint32_t start = at;
    bool covered = true;  // every entry in the cell covers all of it
    while (at < node.end && (number_of(entries[at].address) - node.base) >> node.shift == cell) {
      covered = covered && entries[at].length <= cell_length;
      ++at;
    }
    uint32_t value = kBucket | start;
    if (covered) {
      cover = at == start ? climb(entries, cover, address_of(cell_base)) : at - 1;
      value = kDirect | (cover + 1);  // kNoEntry + 1 is 0
    } else if (at - start > kFewEntries && entries[start].address != entries[at - 1].address) {
      value = kChild | build(entries, start, at);
    }
    cells_[node.first_cell + cell] = value;
    if (at != start) cover = at - 1;
  }
}

uint32_t PrefixIndex::find(std::span<const PrefixEntry> entries, const IpAddress& address) const {
  if (nodes_.empty()) return kNoEntry;
  const Uint128 wanted = number_of(address);
  const Node* node = nodes_.data();
  for (;;) {
    const Uint128 number = (wanted - node->base) >> node->shift;  // far too large when it is before the block
    if (number >> node->cell_bits != 0) {
      const uint32_t behind = wanted < node->base ? node->first : node->end;
      return climb(entries, behind == 0 ? kNoEntry : behind - 1, address);
    }
    const uint32_t value = cells_[node->first_cell + static_cast<uint32_t>(number)];
    if ((value & kKind) == kDirect) return value - 1;
    const uint32_t start = value & ~kKind;
    if ((value & kKind) == kBucket) {
      uint32_t at = start;
      while (at < node->end && at - start < kFewEntries && entries[at].address <= address) ++at;
      if (at - start == kFewEntries) at = count_up_to(entries, at, node->end, address);
      // Before the first one, what covers the cell is what covers that one.
      return at == start ? entries[start].parent : climb(entries, at - 1, address);
    }
    node = &nodes_[start];
  }
}

uint32_t PrefixIndex::count_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                                  const IpAddress& address) {
  const auto after = std::upper_bound(entries.begin() + first, entries.begin() + end, address,
                                      [](const IpAddress& a, const PrefixEntry& b) { return a < b.address; });
  return static_cast<uint32_t>(after - entries.begin());
}

}  // namespace postern
