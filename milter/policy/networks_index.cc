// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_index.h"

#include <algorithm>
#include <bit>

namespace postern {
namespace {

constexpr uint32_t kChild = 1U << 31;
constexpr uint32_t kFewKeys = 8;  // so many are searched by halving: two or three cache lines

unsigned bit_width_of(Uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(value)));
}

}  // namespace

PrefixIndex::PrefixIndex(std::span<const IpAddress> sorted_keys) {
  if (sorted_keys.empty()) return;
  cells_.reserve(2 * sorted_keys.size());
  build(sorted_keys, 0, static_cast<uint32_t>(sorted_keys.size()));
  nodes_.shrink_to_fit();
  cells_.shrink_to_fit();
}

uint32_t PrefixIndex::build(std::span<const IpAddress> keys, uint32_t low, uint32_t high) {
  const auto self = static_cast<uint32_t>(nodes_.size());
  const Uint128 base = number_of(keys[low]);
  const Uint128 span = number_of(keys[high - 1]) - base;
  const unsigned span_bits = bit_width_of(span);
  const unsigned cell_bits = std::min<unsigned>(span_bits, static_cast<unsigned>(std::bit_width(high - low)));
  Node node;
  node.base = base;
  node.low = low;
  node.first_cell = static_cast<uint32_t>(cells_.size());
  node.shift = static_cast<uint8_t>(span_bits - cell_bits);
  node.cell_count = static_cast<uint32_t>(span >> node.shift) + 1;
  nodes_.push_back(node);
  cells_.resize(cells_.size() + node.cell_count + 1);
  uint32_t at = low;
  for (uint32_t cell = 0; cell < node.cell_count; ++cell) {
    const uint32_t start = at;
    while (at < high && static_cast<uint32_t>((number_of(keys[at]) - base) >> node.shift) == cell) ++at;
    const bool divisible = at - start > kFewKeys && keys[start] != keys[at - 1];
    const uint32_t value = divisible ? kChild | build(keys, start, at) : start;
    cells_[node.first_cell + cell] = value;
  }
  cells_[node.first_cell + node.cell_count] = high;
  return self;
}

uint32_t PrefixIndex::start_of(uint32_t cell) const {
  const uint32_t value = cells_[cell];
  return (value & kChild) != 0 ? nodes_[value & ~kChild].low : value;
}

size_t PrefixIndex::count_up_to(std::span<const IpAddress> sorted_keys, const IpAddress& address) const {
  if (nodes_.empty()) return 0;
  const Uint128 wanted = number_of(address);
  const Node* node = nodes_.data();
  for (;;) {
    if (wanted < node->base) return node->low;
    const Uint128 number = (wanted - node->base) >> node->shift;
    if (number >= node->cell_count) return cells_[node->first_cell + node->cell_count];
    const uint32_t cell = node->first_cell + static_cast<uint32_t>(number);
    if ((cells_[cell] & kChild) == 0) {
      const auto low = sorted_keys.begin() + cells_[cell];
      const auto high = sorted_keys.begin() + start_of(cell + 1);
      return static_cast<size_t>(std::upper_bound(low, high, address) - sorted_keys.begin());
    }
    node = &nodes_[cells_[cell] & ~kChild];
  }
}

}  // namespace postern
