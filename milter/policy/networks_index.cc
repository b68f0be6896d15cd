// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_index.h"

#include <algorithm>
#include <array>
#include <bit>

#include "policy/networks_lanes.h"

namespace postern {
namespace {

constexpr uint32_t kManyEntries = 48;  // a cell with so many is divided; below that only if it does good

// What stands in the lowest bits of a word: the use, and kAsk when the entry must be read, because it is longer than
// the word can tell or has a detail.
constexpr uint32_t kAsk = 4;
constexpr uint32_t kUseMask = 3;
constexpr unsigned kCodeBits = 3;
constexpr uint32_t kCodeMask = 7;

// The kinds of cells, in the highest bits.
constexpr unsigned kKindShift = 30;
constexpr uint32_t kPlain = 0;    // what none of its entries covers, nothing covers
constexpr uint32_t kCovered = 1;  // all of it is covered by an entry from before it
constexpr uint32_t kDivided = 2;  // a node divides it
constexpr uint32_t kFull = 3;     // its entries are to be searched

constexpr uint32_t start_of(uint32_t cell) { return cell & ((1U << kKindShift) - 1); }

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
uint32_t bits_behind(uint32_t number, unsigned shift) {
  return static_cast<uint32_t>(uint64_t{number} << (32 - shift));  // shift is at most 32
}

// From `at` up through its parents: the first that covers the address.
uint32_t climb(std::span<const PrefixEntry> entries, uint32_t at, const IpAddress& address) {
  while (at != kNoEntry && !entries[at].covers(address)) at = entries[at].parent;
  return at;
}

PrefixMatch match_of(std::span<const PrefixEntry> entries, uint32_t found) {
  return found == kNoEntry ? PrefixMatch{} : PrefixMatch{found, entries[found].use, entries[found].detailed};
}

// By halving entries[first..end), and from there up.
PrefixMatch search(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, const IpAddress& address) {
  const uint32_t behind = count_entries_up_to(entries, first, end, address);
  return match_of(entries, climb(entries, behind == 0 ? kNoEntry : behind - 1, address));
}

// How many cells (as log2): each for `at_least` entries or more, and no more than twice those that will hold
// something.  `block_bits`: log2 of the block's width, not 0.
unsigned choose_cell_bits(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, unsigned block_bits,
                          uint32_t at_least) {
  std::array<uint32_t, 129> splits{};  // how many neighbours first differ at this bit of the block
  for (uint32_t i = first + 1; i < end; ++i) {
    const Uint128 differ = number_of(entries[i - 1].address) ^ number_of(entries[i].address);
    if (differ != 0) ++splits.at(block_bits - bit_width_of(differ));
  }
  unsigned best = 1;
  uint64_t occupied = 1;
  for (unsigned bits = 1; bits <= block_bits && (end - first) >> bits >= at_least; ++bits) {
    occupied += splits.at(bits - 1);
    if (uint64_t{1} << bits <= 2 * occupied) best = bits;
  }
  return best;
}

// Entries for a cell, at the least, and at the most.
template <class Word>
constexpr uint32_t kAtLeast = kLanes<Word> * 3 / 8;

// Whether dividing a block of few entries leaves at most so many in a cell as can be compared at once.
template <class Word>
bool fits_when_divided(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end) {
  const unsigned block_bits = bit_width_of(number_of(entries[first].address) ^ number_of(entries[end - 1].address));
  if (block_bits == 0) return false;
  const unsigned shift = block_bits - choose_cell_bits(entries, first, end, block_bits, kAtLeast<Word>);
  uint32_t start = first;
  for (uint32_t i = first; i < end; ++i) {
    if (number_of(entries[i].address) >> shift != number_of(entries[start].address) >> shift) start = i;
    if (i - start >= kLanes<Word>) return false;
  }
  return true;
}

// Where the block of 2^block_bits addresses starts that an entry's address is in.
Uint128 block_start(const PrefixEntry& entry, unsigned block_bits) {
  return block_bits == 128 ? 0 : number_of(entry.address) >> block_bits << block_bits;
}

// The longest entry that covers all of the block that holds the addresses of entries[first..].
uint32_t covering_block(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end, unsigned block_bits) {
  uint32_t at = first;
  while (at + 1 < end && entries[at + 1].address == entries[first].address &&
         entries[at + 1].length + block_bits <= 128) {
    ++at;
  }
  while (at != kNoEntry && entries[at].length + block_bits > 128) at = entries[at].parent;
  return at;
}

}  // namespace

template <class Word>
PrefixIndex<Word>::PrefixIndex(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end) : first_(first) {
  if (first == end) return;
  words_.resize(end - first + kLanes<Word>);  // so many are always read at once
  build(entries, first, end);
  nodes_.shrink_to_fit();
  cells_.shrink_to_fit();
  extras_.shrink_to_fit();
}

template <class Word>
uint32_t PrefixIndex<Word>::build(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end) {
  const unsigned block_bits = bit_width_of(number_of(entries[first].address) ^ number_of(entries[end - 1].address));
  Node node;
  node.base = static_cast<Number>(block_start(entries[first], block_bits));
  node.first = first;
  node.end = end;
  node.outside = covering_block(entries, first, end, block_bits);
  node.cell_bits = block_bits == 0
                       ? uint8_t{0}
                       : static_cast<uint8_t>(choose_cell_bits(entries, first, end, block_bits, kAtLeast<Word>));
  node.shift = static_cast<uint8_t>(block_bits - node.cell_bits);
  node.first_cell = static_cast<uint32_t>(cells_.size());
  const auto self = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back(node);
  cells_.resize(cells_.size() + (size_t{1} << node.cell_bits) + 1);
  extras_.resize(cells_.size());
  fill(entries, node);
  return self;
}

template <class Word>
void PrefixIndex<Word>::fill(std::span<const PrefixEntry> entries, const Node& node) {
  const Uint128 base = block_start(entries[node.first], node.cell_bits + node.shift);
  uint32_t at = node.first;
  uint32_t cover = entries[node.first].parent;  // candidate: the last entry before the cell, or what covered it
  uint32_t number = 0;
  for (; number >> node.cell_bits == 0; ++number) {
    const uint32_t start = at;
    while (at < node.end && (number_of(entries[at].address) - base) >> node.shift == number) ++at;
    cover = climb(entries, cover, address_of(base + (Uint128{number} << node.shift)));
    fill_cell(entries, node, node.first_cell + number, start, at, cover);
    if (at != start) cover = at - 1;
  }
  cells_[node.first_cell + number] = at;
}

template <class Word>
void PrefixIndex<Word>::fill_cell(std::span<const PrefixEntry> entries, const Node& node, uint32_t cell,
                                  uint32_t start, uint32_t end, uint32_t cover) {
  uint32_t kind = kPlain;
  if (end - start > kLanes<Word>) {
    const bool divided = end - start > kManyEntries ? entries[start].address != entries[end - 1].address
                                                    : fits_when_divided<Word>(entries, start, end);
    kind = divided ? kDivided : kFull;
    if (divided) {
      const uint32_t below = build(entries, start, end);
      extras_[cell] = below;
    }
  } else {
    for (uint32_t i = start; i < end; ++i) words_[i - first_] = word_of(entries[i], node.shift);
    if (cover != kNoEntry) {
      kind = kCovered;
      extras_[cell] = cover << kCodeBits | code_of(entries[cover]);
    }
  }
  cells_[cell] = kind << kKindShift | start;
}

// From the highest bit: a zero, so that words compare alike as signed numbers; the bits behind the cell's up to the
// entry's length, a one, zeros; the code.
template <class Word>
Word PrefixIndex<Word>::word_of(const PrefixEntry& entry, unsigned shift) const {
  constexpr unsigned kBits = sizeof(Word) * 8;
  constexpr unsigned kLongest = kBits - 2 - kCodeBits;
  const unsigned cell_length = 128U - shift;
  const unsigned behind = entry.length > cell_length ? entry.length - cell_length : 0;
  const uint32_t marker = 1U << (kBits - 2 - std::min(behind, kLongest));
  const uint32_t kept = (bits_behind(number_of(entry.address), shift) >> (33 - kBits) & ~(marker - 1)) | marker;
  return static_cast<Word>(kept | code_of(entry) | (behind > kLongest ? kAsk : 0));
}

template <class Word>
PrefixMatch PrefixIndex<Word>::find(std::span<const PrefixEntry> entries, const IpAddress& address) const {
  if (nodes_.empty()) return {};
  const auto wanted = static_cast<Number>(number_of(address));
  const Node* node = nodes_.data();
  for (;;) {
    const Number number = (wanted - node->base) >> node->shift;  // far too large when it is before the block
    if (number >> node->cell_bits != 0) return match_of(entries, climb(entries, node->outside, address));
    const uint32_t cell = node->first_cell + static_cast<uint32_t>(number);
    const uint32_t kind = cells_[cell] >> kKindShift;
    if (kind < kDivided) return find_in(cell, bits_behind(wanted, node->shift), entries, address);
    if (kind == kFull) return search(entries, start_of(cells_[cell]), start_of(cells_[cell + 1]), address);
    node = &nodes_[extras_[cell]];
  }
}

template <class Word>
PrefixMatch PrefixIndex<Word>::find_in(uint32_t cell, uint32_t bits, std::span<const PrefixEntry> entries,
                                       const IpAddress& address) const {
  const uint32_t start = start_of(cells_[cell]);
  const uint32_t count = start_of(cells_[cell + 1]) - start;
  const Word* words = &words_[start - first_];
  const auto wanted = static_cast<Word>(bits >> (33 - sizeof(Word) * 8));
  const uint32_t covering = covering_lanes<Word>(words, wanted, kCodeMask) & ((1U << count) - 1);
  const auto lane = static_cast<uint32_t>(std::bit_width(covering | 1U) - 1);  // the longest comes last
  uint32_t found = start + lane;
  uint32_t code = words[lane];
  if (covering == 0) {
    if (cells_[cell] >> kKindShift == kPlain) return {};
    found = extras_[cell] >> kCodeBits;
    code = extras_[cell];
  }
  const auto use = static_cast<uint8_t>(code & kUseMask);
  if ((code & kAsk) == 0) return {found, use, false};
  if (!entries[found].covers(address)) return search(entries, start, start + count, address);
  return {found, use, entries[found].detailed};
}

template class PrefixIndex<uint16_t>;
template class PrefixIndex<uint32_t>;

uint32_t count_entries_up_to(std::span<const PrefixEntry> entries, uint32_t first, uint32_t end,
                             const IpAddress& address) {
  const auto begin = entries.begin();
  const auto behind =
      std::upper_bound(begin + first, begin + end, address,
                       [](const IpAddress& at, const PrefixEntry& entry) { return at < entry.address; });
  return static_cast<uint32_t>(behind - begin);
}

}  // namespace postern
