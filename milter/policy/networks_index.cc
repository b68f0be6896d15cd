// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_index.h"

#include <algorithm>
#include <bit>

namespace postern {
namespace {

constexpr uint32_t kEntriesPerCell = 4;  // on average, at least
constexpr uint32_t kManyEntries = 48;    // so many are searched by halving rather than divided further

// A code's lower six bits: the length behind the cell's own, 0 to 32, or kLonger: ask the entry.  The upper two: the
// use, or kAsk: ask the entry for use and detail.
constexpr uint8_t kLonger = 33;
constexpr uint8_t kLengthMask = 63;
constexpr uint8_t kAsk = 3;

uint8_t use_code(const PrefixEntry& entry) { return static_cast<uint8_t>((entry.detailed ? kAsk : entry.use) << 6); }

unsigned bit_width_of(Uint128 value) {
  const auto high = static_cast<uint64_t>(value >> 64);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<uint64_t>(value)));
}

IpAddress address_of(Uint128 number) { return {static_cast<uint64_t>(number >> 64), static_cast<uint64_t>(number)}; }

// The 32 bits of an address behind those that choose a cell of that width.
uint32_t bits_behind(Uint128 number, unsigned shift) {
  return static_cast<uint32_t>(shift >= 32 ? number >> (shift - 32) : number << (32 - shift));
}

// From `at` up through its parents: the first that covers the address.
uint32_t climb(std::span<const PrefixEntry> entries, uint32_t at, const IpAddress& address) {
  while (at != kNoEntry && !entries[at].covers(address)) at = entries[at].parent;
  return at;
}

// How many cells (as log2): about one for four entries, and no more than twice those that will hold something.
// `block_bits`: log2 of the block's width, not 0.
unsigned choose_cell_bits(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, unsigned block_bits) {
  std::array<uint32_t, 129> splits{};  // how many neighbours first differ at this bit of the block
  for (uint32_t i = first + 1; i < end; ++i) {
    const Uint128 differ = number_of(entries[i - 1].address) ^ number_of(entries[i].address);
    if (differ != 0) ++splits.at(block_bits - bit_width_of(differ));
  }
  unsigned best = 1;
  uint64_t occupied = 1;
  for (unsigned bits = 1; bits <= block_bits && (end - first) >> bits >= kEntriesPerCell; ++bits) {
    occupied += splits.at(bits - 1);
    if (uint64_t{1} << bits <= 2 * occupied) best = bits;
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
  node.cell_bits =
      block_bits == 0 ? uint8_t{0} : static_cast<uint8_t>(choose_cell_bits(entries, first, end, block_bits));
  node.shift = static_cast<uint8_t>(block_bits - node.cell_bits);
  node.first_cell = static_cast<uint32_t>(cells_.size());
  const auto self = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back(node);
  cells_.resize(cells_.size() + (size_t{1} << node.cell_bits));
  fill(entries, node);
  return self;
}

void PrefixIndex::fill(std::span<const PrefixEntry> entries, const Node& node) {
  uint32_t at = node.first;
  uint32_t cover = entries[node.first].parent;  // candidate: the last entry before the cell, or what covered it
  for (uint32_t number = 0; number >> node.cell_bits == 0; ++number) {
    const uint32_t start = at;
    while (at < node.end && (number_of(entries[at].address) - node.base) >> node.shift == number) ++at;
    cover = climb(entries, cover, address_of(node.base + (Uint128{number} << node.shift)));
    Cell cell = make_cell(entries, node, start, at);
    cell.cover = cover;
    if (cover != kNoEntry) cell.cover_code = use_code(entries[cover]);
    cells_[node.first_cell + number] = cell;
    if (at != start) cover = at - 1;
  }
}

PrefixIndex::Cell PrefixIndex::make_cell(std::span<const PrefixEntry> entries, const Node& node, uint32_t start,
                                         uint32_t end) {
  Cell cell;
  cell.start = start;
  if (end - start > kCellEntries) {
    const bool divisible = end - start > kManyEntries && entries[start].address != entries[end - 1].address;
    cell.kind = divisible ? Kind::kChild : Kind::kMany;
    if (divisible) cell.start = build(entries, start, end);
    cell.bits[0] = end;
    return cell;
  }
  const unsigned cell_length = 128U - node.shift;
  for (uint32_t i = start; i < end; ++i) {
    const PrefixEntry& entry = entries[i];
    const unsigned longer = entry.length > cell_length ? entry.length - cell_length : 0;
    cell.codes[cell.count] = static_cast<uint8_t>(use_code(entry) | std::min<unsigned>(longer, kLonger));
    cell.bits[cell.count] = bits_behind(number_of(entry.address), node.shift);
    ++cell.count;
  }
  return cell;
}

PrefixMatch PrefixIndex::match(std::span<const PrefixEntry> entries, uint32_t entry, uint8_t code) {
  if (entry == kNoEntry) return {};
  if (code >> 6 != kAsk) return {entry, static_cast<uint8_t>(code >> 6), false};
  return {entry, entries[entry].use, entries[entry].detailed};
}

PrefixMatch PrefixIndex::find(std::span<const PrefixEntry> entries, const IpAddress& address) const {
  if (nodes_.empty()) return {};
  const Uint128 wanted = number_of(address);
  const Node* node = nodes_.data();
  const auto climb_from = [&](uint32_t behind) {
    const uint32_t found = climb(entries, behind == 0 ? kNoEntry : behind - 1, address);
    return match(entries, found, kAsk << 6);
  };
  for (;;) {
    const Uint128 number = (wanted - node->base) >> node->shift;  // far too large when it is before the block
    if (number >> node->cell_bits != 0) return climb_from(wanted < node->base ? node->first : node->end);
    const Cell& cell = cells_[node->first_cell + static_cast<uint32_t>(number)];
    if (cell.kind == Kind::kChild) {
      node = &nodes_[cell.start];
      continue;
    }
    if (cell.kind == Kind::kMany) return climb_from(count_up_to(entries, cell.start, cell.bits[0], address));
    const uint32_t bits = bits_behind(wanted, node->shift);
    for (unsigned i = cell.count; i-- > 0;) {  // the longest that covers it comes last
      const unsigned longer = cell.codes[i] & kLengthMask;
      const uint64_t differ = bits ^ cell.bits[i];
      if (longer == kLonger ? differ != 0 || !entries[cell.start + i].covers(address)
                            : differ >> (32 - longer) != 0) {
        continue;
      }
      return match(entries, cell.start + i, cell.codes[i]);
    }
    return match(entries, cell.cover, cell.cover_code);
  }
}

uint32_t PrefixIndex::count_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                                  const IpAddress& address) {
  const auto after = std::upper_bound(entries.begin() + first, entries.begin() + end, address,
                                      [](const IpAddress& a, const PrefixEntry& b) { return a < b.address; });
  return static_cast<uint32_t>(after - entries.begin());
}

}  // namespace postern
