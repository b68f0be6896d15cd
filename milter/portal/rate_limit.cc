// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/rate_limit.h"

#include <algorithm>

#include "base/ip.h"

namespace postern {

RateLimit::Bucket& RateLimit::bucket(std::string_view name, int64_t now) {
  const auto found = index_.find(name);
  if (found != index_.end()) {
    order_.splice(order_.begin(), order_, found->second);
    Bucket& known = order_.front();
    known.left =
        std::min(burst_, known.left + static_cast<double>(std::max<int64_t>(now - known.at, 0)) * 1e-6 * rate_);
    known.at = now;
    return known;
  }
  if (order_.size() >= names_) {
    index_.erase(order_.back().name);
    order_.pop_back();
  }
  order_.push_front({std::string(name), burst_, now});
  index_.emplace(order_.front().name, order_.begin());
  return order_.front();
}

bool RateLimit::take(std::string_view name, int64_t now) {
  const std::lock_guard lock(mutex_);
  Bucket& mine = bucket(name, now);
  if (mine.left < 1) return false;
  mine.left -= 1;
  return true;
}

bool RateLimit::has(std::string_view name, int64_t now) {
  const std::lock_guard lock(mutex_);
  return bucket(name, now).left >= 1;
}

size_t RateLimit::size() const {
  const std::lock_guard lock(mutex_);
  return order_.size();
}

std::string rate_name(std::string_view client) {
  const auto address = parse_ip_literal(client);
  if (!address.ok() || address->is_ipv4()) return std::string(client);
  return to_string(Prefix{masked(*address, 64), 64});
}

}  // namespace postern
