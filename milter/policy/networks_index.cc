// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_index.h"

#include <algorithm>
#include <bit>

namespace postern {
namespace {

constexpr uint32_t kManyEntries = 48;  // a cell with so many is divided; below that only if it does good

// A code: the use, and kAsk when the entry must be read, because it is longer than what is kept or has a detail.
constexpr uint32_t kAsk = 4;
constexpr uint32_t kUseMask = 3;
constexpr uint32_t kNoUse = 3;  // there is no such entry
constexpr unsigned kCodeBits = 3;
// Cell::count and Cell::cover_back when they are no numbers.
constexpr uint8_t kDivided = 254;
constexpr uint8_t kFull = 255;
constexpr uint16_t kFar = UINT16_MAX;

uint32_t code_of(const PrefixEntry& entry) { return entry.use | (entry.detailed ? kAsk : 0); }

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

// How many bytes of an entry's address a cell of that width keeps.  Two are all of them in most IPv4 tables.
unsigned kept_bytes(unsigned shift) { return shift < 16 ? 2 : 3; }

// How many cells (as log2): about one for three entries (two where more of each is kept), and no more than twice
// those that will hold something.  `block_bits`: log2 of the block's width, not 0.
unsigned choose_cell_bits(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, unsigned block_bits) {
  std::array<uint32_t, 129> splits{};  // how many neighbours first differ at this bit of the block
  for (uint32_t i = first + 1; i < end; ++i) {
    const Uint128 differ = number_of(entries[i - 1].address) ^ number_of(entries[i].address);
    if (differ != 0) ++splits.at(block_bits - bit_width_of(differ));
  }
  unsigned best = 1;
  uint64_t occupied = 1;
  for (unsigned bits = 1; bits <= block_bits; ++bits) {
    const uint32_t at_least = kept_bytes(block_bits - bits) == 2 ? 3 : 2;
    if ((end - first) >> bits < at_least) break;
    occupied += splits.at(bits - 1);
    if (uint64_t{1} << bits <= 2 * occupied) best = bits;
  }
  return best;
}

// Whether dividing a block of few entries leaves at most `most` of them in a cell.
bool fits_when_divided(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, unsigned most) {
  const unsigned block_bits = bit_width_of(number_of(entries[first].address) ^ number_of(entries[end - 1].address));
  if (block_bits == 0) return false;
  const unsigned shift = block_bits - choose_cell_bits(entries, first, end, block_bits);
  uint32_t start = first;
  for (uint32_t i = first; i < end; ++i) {
    if (number_of(entries[i].address) >> shift != number_of(entries[start].address) >> shift) start = i;
    if (i - start >= most) return false;
  }
  return true;
}

// The four bytes at a place, the first of them lowest.
uint32_t load(const uint8_t* at) {
  return uint32_t{at[0]} | uint32_t{at[1]} << 8 | uint32_t{at[2]} << 16 | uint32_t{at[3]} << 24;
}
void store(uint8_t* at, uint32_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) at[i] = static_cast<uint8_t>(value >> (8 * i));
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
  node.kept = static_cast<uint8_t>(kept_bytes(node.shift));
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
    set_cover(cell, entries, cover);
    cells_[node.first_cell + number] = cell;
    if (at != start) cover = at - 1;
  }
}

void PrefixIndex::set_cover(Cell& cell, std::span<const PrefixEntry> entries, uint32_t cover) {
  if (cell.count == kDivided || cell.count == kFull) return;
  if (cover == kNoEntry) {
    cell.codes |= kNoUse;
    return;
  }
  const bool far = cell.start - cover >= kFar;
  cell.cover_back = far ? kFar : static_cast<uint16_t>(cell.start - cover);
  cell.codes |= far ? kAsk : code_of(entries[cover]);
}

PrefixIndex::Cell PrefixIndex::make_cell(std::span<const PrefixEntry> entries, const Node& node, uint32_t start,
                                         uint32_t end) {
  Cell cell;
  cell.start = start;
  const unsigned most = capacity(node.kept);
  if (end - start > most) {
    const bool divided = end - start > kManyEntries ? entries[start].address != entries[end - 1].address
                                                    : fits_when_divided(entries, start, end, most);
    cell.count = divided ? kDivided : kFull;
    store(cell.kept.data(), divided ? build(entries, start, end) : end, 4);
    return cell;
  }
  const unsigned cell_length = 128U - node.shift;
  const unsigned longest = node.kept * 8U - 1;
  for (uint32_t i = start; i < end; ++i) {
    const PrefixEntry& entry = entries[i];
    const unsigned behind = entry.length > cell_length ? entry.length - cell_length : 0;
    const uint32_t marker = 0x80000000U >> std::min(behind, longest);
    const uint32_t kept = (bits_behind(number_of(entry.address), node.shift) & ~(marker - 1)) | marker;
    store(cell.kept.data() + cell.count * node.kept, kept >> (32U - node.kept * 8U), node.kept);
    ++cell.count;
    cell.codes |= (code_of(entry) | (behind > longest ? kAsk : 0)) << (kCodeBits * cell.count);
  }
  return cell;
}

PrefixMatch PrefixIndex::search(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                                const IpAddress& address) {
  const uint32_t behind = count_up_to(entries, first, end, address);
  const uint32_t found = climb(entries, behind == 0 ? kNoEntry : behind - 1, address);
  return found == kNoEntry ? PrefixMatch{} : PrefixMatch{found, entries[found].use, entries[found].detailed};
}

PrefixMatch PrefixIndex::find(std::span<const PrefixEntry> entries, const IpAddress& address) const {
  if (nodes_.empty()) return {};
  const Uint128 wanted = number_of(address);
  const Node* node = nodes_.data();
  for (;;) {
    const Uint128 number = (wanted - node->base) >> node->shift;  // far too large when it is before the block
    if (number >> node->cell_bits != 0) return search(entries, node->first, node->end, address);
    const Cell& cell = cells_[node->first_cell + static_cast<uint32_t>(number)];
    if (cell.count == kDivided) {
      node = &nodes_[load(cell.kept.data())];
      continue;
    }
    if (cell.count == kFull) return search(entries, cell.start, load(cell.kept.data()), address);
    return find_in(cell, *node, entries, address);
  }
}

// The number, from 1, of the cell's longest entry that covers the address with these bits behind the cell's own, as
// far as its address is kept; 0 for none.
template <unsigned kKept>
unsigned PrefixIndex::longest_in(const Cell& cell, uint32_t bits) {
  constexpr unsigned kUnused = 32 - kKept * 8;                 // bits of what load() gives
  const auto* kept = reinterpret_cast<const uint8_t*>(&cell);  // reads up to one byte behind cell.kept
  unsigned covering = 1;
  constexpr unsigned kRounds = capacity(kKept);
#pragma GCC unroll 8
  for (unsigned i = 0; i < kRounds; ++i) {
    const uint32_t entry = load(kept + i * kKept) << kUnused;
    const uint32_t marker = entry & (0 - entry);  // 0 where there is no entry: nothing is below it
    covering |= static_cast<unsigned>((bits ^ entry) >> 1 < marker) << (i + 1);
  }
  return static_cast<unsigned>(std::bit_width(covering) - 1);  // the longest comes last
}

PrefixMatch PrefixIndex::find_in(const Cell& cell, const Node& node, std::span<const PrefixEntry> entries,
                                 const IpAddress& address) {
  const uint32_t bits = bits_behind(number_of(address), node.shift);
  const unsigned best = node.kept == 2 ? longest_in<2>(cell, bits) : longest_in<3>(cell, bits);
  const uint32_t code = cell.codes >> (kCodeBits * best);
  const auto use = static_cast<uint8_t>(code & kUseMask);
  // Without branches, because best and use come from slow memory and nobody can foresee them.
  const uint32_t back = 1 + ((cell.cover_back - 1U) & (0U - static_cast<uint32_t>(best == 0)));
  const uint32_t found = (cell.start + best - back) | (0U - static_cast<uint32_t>(use == kNoUse));
  if ((code & kAsk) == 0) return {found, use, false};
  const bool far = best == 0 && cell.cover_back == kFar;
  if (far || !entries[found].covers(address)) return search(entries, cell.start, cell.start + cell.count, address);
  return {found, entries[found].use, entries[found].detailed};
}

uint32_t PrefixIndex::count_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                                  const IpAddress& address) {
  const auto after = std::upper_bound(entries.begin() + first, entries.begin() + end, address,
                                      [](const IpAddress& a, const PrefixEntry& b) { return a < b.address; });
  return static_cast<uint32_t>(after - entries.begin());
}

}  // namespace postern
