// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/literal_index.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kWindow = 4;
constexpr uint32_t kMinBits = 8;
constexpr uint32_t kMaxBits = 17;

uint32_t window_at(const char* at) {
  uint32_t window = 0;
  std::memcpy(&window, at, sizeof window);
  return window;
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  out.resize(text.size());
  size_t used = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\xe2' && text.substr(i, 3) == "\xe2\x84\xaa") {
      out[used++] = 'k';
      i += 2;
    } else if (text[i] == '\xc5' && text.substr(i, 2) == "\xc5\xbf") {
      out[used++] = 's';
      i += 1;
    } else {
      out[used++] = lower(text[i]);
    }
  }
  out.resize(used);
  return out;
}

void LiteralIndex::add(std::string literal, uint32_t id) { added_.push_back({std::move(literal), id}); }

void LiteralIndex::build() {
  std::sort(added_.begin(), added_.end(), [](const Added& a, const Added& b) {
    return a.literal != b.literal ? a.literal < b.literal : a.id < b.id;
  });
  std::map<uint32_t, uint32_t> crowd;  // window -> how many literals are filed under it
  for (const Added& each : added_) {
    if (!literals_.empty() && literals_.back().text == each.literal) {
      ++literals_.back().count;
      ids_.push_back(each.id);
      continue;
    }
    size_t best = 0;
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i + kWindow <= each.literal.size(); ++i) {
      const auto found = crowd.find(window_at(each.literal.data() + i));
      const uint32_t here = found == crowd.end() ? 0 : found->second;
      if (here < least) {
        least = here;
        best = i;
      }
    }
    const uint32_t window = window_at(each.literal.data() + best);
    ++crowd[window];
    entries_.push_back({window, static_cast<uint32_t>(best), static_cast<uint32_t>(literals_.size())});
    literals_.push_back({each.literal, static_cast<uint32_t>(ids_.size()), 1});
    ids_.push_back(each.id);
  }
  added_ = {};
  uint32_t bits = kMinBits;
  while (bits < kMaxBits && (1U << bits) < 4 * entries_.size()) ++bits;
  shift_ = 32 - bits;
  std::sort(entries_.begin(), entries_.end(),
            [this](const Entry& a, const Entry& b) { return bucket(a.window) < bucket(b.window); });
  heads_.assign((size_t{1} << bits) + 1, 0);
  for (const Entry& each : entries_) ++heads_[bucket(each.window) + 1];
  for (size_t i = 1; i < heads_.size(); ++i) heads_[i] += heads_[i - 1];
}

void LiteralIndex::find(std::string_view folded, std::vector<uint64_t>& found) const {
  if (entries_.empty()) return;
  for (size_t i = 0; i + kWindow <= folded.size(); ++i) {
    const uint32_t window = window_at(folded.data() + i);
    const uint32_t where = bucket(window);
    for (uint32_t e = heads_[where]; e < heads_[where + 1]; ++e) {
      const Entry& entry = entries_[e];
      if (entry.window != window || entry.offset > i) continue;
      const Literal& literal = literals_[entry.literal];
      const uint32_t first = ids_[literal.first];
      if ((found[first / 64] >> (first % 64) & 1) != 0 && literal.count == 1) continue;  // known already
      if (folded.compare(i - entry.offset, literal.text.size(), literal.text) != 0) continue;
      for (uint32_t k = literal.first; k < literal.first + literal.count; ++k) {
        found[ids_[k] / 64] |= uint64_t{1} << (ids_[k] % 64);
      }
    }
  }
}

}  // namespace postern
