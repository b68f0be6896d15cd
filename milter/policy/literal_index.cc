// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/literal_index.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>

#include "base/strings.h"

namespace postern {
namespace {

constexpr uint32_t kMinBits = 6;
constexpr uint32_t kMaxBits = 18;

template <class Word>
uint64_t window_at(const char* at) {
  Word window = 0;
  std::memcpy(&window, at, sizeof window);
  return window;
}

uint64_t hash_of(uint64_t window) { return window * 0x9e3779b97f4a7c15ULL; }

constexpr std::array<char, 256> make_lower() {
  std::array<char, 256> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<char>(i >= 'A' && i <= 'Z' ? i + ('a' - 'A') : i);
  }
  return table;
}
constexpr std::array<char, 256> kLower = make_lower();

// Replaces the spelling of one sign by one letter, in place.
void replace_sign(std::string& text, std::string_view sign, char letter) {
  size_t found = text.find(sign);
  if (found == std::string::npos) return;
  size_t used = found;
  for (size_t from = found; from < text.size();) {
    const bool here = text.compare(from, sign.size(), sign) == 0;
    text[used++] = here ? letter : text[from];
    from += here ? sign.size() : 1;
  }
  text.resize(used);
}

// Where to file a literal: the offset of the window that the fewest literals share so far.
template <class Word, class Crowd>
size_t choose(const std::string& literal, Crowd& crowd) {
  size_t best = 0;
  uint32_t least = UINT32_MAX;
  for (size_t i = 0; i + sizeof(Word) <= literal.size() && least > 0; ++i) {
    const auto found = crowd.find(window_at<Word>(literal.data() + i));
    const uint32_t here = found == crowd.end() ? 0 : found->second;
    if (here < least) {
      least = here;
      best = i;
    }
  }
  ++crowd[window_at<Word>(literal.data() + best)];
  return best;
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out(text);
  unsigned char high = 0;
  for (char& c : out) {
    high |= static_cast<unsigned char>(c);
    c = kLower[static_cast<unsigned char>(c)];
  }
  if (high >= 0x80) {
    replace_sign(out, "\xe2\x84\xaa", 'k');
    replace_sign(out, "\xc5\xbf", 's');
  }
  return out;
}

void LiteralIndex::add(std::string literal, uint32_t id) { added_.push_back({std::move(literal), id}); }

void LiteralIndex::build() {
  std::sort(added_.begin(), added_.end(), [](const Added& a, const Added& b) {
    return a.literal != b.literal ? a.literal < b.literal : a.id < b.id;
  });
  std::unordered_map<uint64_t, uint32_t> long_crowd, short_crowd;  // window -> how many literals are filed under it
  for (Added& each : added_) {
    if (literals_.empty() || literals_.back().text != each.literal) {
      const auto number = static_cast<uint32_t>(literals_.size());
      const bool wide = each.literal.size() >= sizeof(uint64_t);
      const size_t at =
          wide ? choose<uint64_t>(each.literal, long_crowd) : choose<uint32_t>(each.literal, short_crowd);
      const char* const window = each.literal.data() + at;
      (wide ? long_ : short_)
          .entries.push_back(
              {wide ? window_at<uint64_t>(window) : window_at<uint32_t>(window), static_cast<uint32_t>(at), number});
      literals_.push_back({std::move(each.literal), static_cast<uint32_t>(ids_.size()), 0});
    }
    ++literals_.back().count;
    ids_.push_back(each.id);
  }
  added_ = {};
  long_.build();
  short_.build();
}

void LiteralIndex::Table::build() {
  if (entries.empty()) return;
  bits = kMinBits;
  while (bits < kMaxBits && (size_t{1} << bits) < 2 * entries.size()) ++bits;
  std::sort(entries.begin(), entries.end(),
            [this](const Entry& a, const Entry& b) { return bucket(hash_of(a.window)) < bucket(hash_of(b.window)); });
  heads.assign((size_t{1} << bits) + 1, 0);
  filter.assign((size_t{8} << bits) / 64, 0);
  for (const Entry& each : entries) {
    const uint64_t hash = hash_of(each.window);
    ++heads[bucket(hash) + 1];
    const uint64_t bit = hash >> (64 - bits - 3);
    filter[bit / 64] |= uint64_t{1} << (bit % 64);
  }
  for (size_t i = 1; i < heads.size(); ++i) heads[i] += heads[i - 1];
}

void LiteralIndex::find(std::string_view folded, std::vector<uint64_t>& found) const {
  find_in<uint64_t>(long_, folded, found);
  find_in<uint32_t>(short_, folded, found);
}

template <class Word>
void LiteralIndex::find_in(const Table& table, std::string_view folded, std::vector<uint64_t>& found) const {
  if (table.entries.empty()) return;
  for (size_t i = 0; i + sizeof(Word) <= folded.size(); ++i) {
    const uint64_t window = window_at<Word>(folded.data() + i);
    if (table.may_hold(hash_of(window))) compare(table, window, i, folded, found);
  }
}

void LiteralIndex::compare(const Table& table, uint64_t window, size_t at, std::string_view folded,
                           std::vector<uint64_t>& found) const {
  const uint32_t where = table.bucket(hash_of(window));
  for (uint32_t e = table.heads[where]; e < table.heads[where + 1]; ++e) {
    const Entry& entry = table.entries[e];
    if (entry.window != window || entry.offset > at) continue;
    const Literal& literal = literals_[entry.literal];
    const uint32_t first = ids_[literal.first];
    if (literal.count == 1 && (found[first / 64] >> (first % 64) & 1) != 0) continue;  // known already
    if (folded.compare(at - entry.offset, literal.text.size(), literal.text) != 0) continue;
    for (uint32_t k = literal.first; k < literal.first + literal.count; ++k) {
      found[ids_[k] / 64] |= uint64_t{1} << (ids_[k] % 64);
    }
  }
}

}  // namespace postern
