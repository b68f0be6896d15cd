// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/counters.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "policy/networks.h"
#include "store/rows.h"

namespace postern {
namespace {

constexpr int64_t kSayEvery = 60 * 1'000'000LL;  // microseconds

bool more_often(const RefusedSource& a, const RefusedSource& b) {
  return a.count != b.count ? a.count > b.count : a.source < b.source;
}

}  // namespace

void RefusalCounter::count(const IpAddress& client, UnixTime now) { add({refusal_source(client), 1, now, now}); }

void RefusalCounter::add(const RefusedSource& counted) {
  const std::lock_guard lock(mutex_);
  const auto [entry, fresh] = entries_.emplace(counted.source, counted);
  if (!fresh) {
    RefusedSource& known = entry->second;
    known.count += counted.count;
    known.first = std::min(known.first, counted.first);
    known.last = std::max(known.last, counted.last);
  }
  if (entries_.size() > limit_) shrink();
}

void RefusalCounter::shrink() {
  std::vector<uint64_t> counts;
  for (const auto& [source, each] : entries_) counts.push_back(each.count);
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  const uint64_t least = *middle;
  size_t spare = limit_ / 2;  // how many of those that were refused just as often as the middle one may stay
  std::erase_if(entries_, [&spare, least](const auto& each) {
    if (each.second.count > least) return false;
    if (each.second.count < least || spare == 0) return true;
    --spare;
    return false;
  });
}

std::vector<RefusedSource> RefusalCounter::top(size_t limit) const {
  std::vector<RefusedSource> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [source, each] : entries_) out.push_back(each);
  }
  std::sort(out.begin(), out.end(), more_often);
  if (out.size() > limit) out.resize(limit);
  return out;
}

bool RefusalCounter::empty() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty();
}

void RefusalCounter::expire(UnixTime before) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [before](const auto& each) { return each.second.last < before; });
}

std::vector<RefusedSource> RefusalCounter::take() {
  std::map<Prefix, RefusedSource> taken;
  {
    const std::lock_guard lock(mutex_);
    taken.swap(entries_);
  }
  std::vector<RefusedSource> out;
  for (const auto& [source, each] : taken) out.push_back(each);
  return out;
}

void BounceCounter::count(std::string_view domain, std::string_view outcome, uint64_t by) {
  const std::lock_guard lock(mutex_);
  std::pair<std::string, std::string> key(is_domain_key(domain) ? domain : "*", outcome);
  if (counts_.size() >= limit_ && !counts_.contains(key)) key.first.assign(1, '*');
  counts_[std::move(key)] += by;
}

BounceCounter::Counts BounceCounter::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

BounceCounter::Counts BounceCounter::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(counts_, {});
}

void DropCounter::add(uint64_t records, std::string_view why, int64_t now) {
  if (records == 0) return;
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    count_ += records;
    if (said_ != 0 && now - said_at_ < kSayEvery) return;
    line = std::to_string(count_ - said_) + " tracking records dropped (" + std::to_string(count_) +
           " since start): " + std::string(why) + "; bounces of that mail are known by their stamp alone";
    said_ = count_;
    said_at_ = now;
  }
  log(LogLevel::kWarning, line);
}

uint64_t DropCounter::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::string bounce_lines(const BounceCounter::Counts& counts) {
  std::string out;
  for (const auto& [what, count] : counts) out += what.first + ' ' + what.second + ' ' + std::to_string(count) + '\n';
  return out;
}

BounceCounter::Counts parse_bounce_lines(std::string_view text) {
  BounceCounter::Counts out;
  for (const std::string_view line : split(text, '\n')) {
    const auto word = words(line);
    const auto count = word.size() == 3 ? to_uint(word[2]) : std::nullopt;
    const bool known =
        count && std::find(kBounceOutcomes.begin(), kBounceOutcomes.end(), word[1]) != kBounceOutcomes.end();
    if (known) out[{std::string(word[0]), std::string(word[1])}] += *count;
  }
  return out;
}

}  // namespace postern
