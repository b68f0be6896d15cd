// SPDX-License-Identifier: GPL-2.0-or-later
// How often somebody may do something: a token bucket for each name, in bounded memory.  Safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace postern {

class RateLimit {
 public:
  // `burst` at once, and `rate` a second in the long run; at most `names` are remembered, those last seen.
  RateLimit(double rate, double burst, size_t names) : rate_(rate), burst_(burst), names_(names) {}

  // Takes one; false when there is none left.  `now` in microseconds of the steady clock.
  bool take(std::string_view name, int64_t now);
  // Whether there is one left, without taking it.
  bool has(std::string_view name, int64_t now);
  size_t size() const;

 private:
  struct Bucket {
    std::string name;
    double left = 0;
    int64_t at = 0;
  };
  Bucket& bucket(std::string_view name, int64_t now);  // filled up to now

  const double rate_, burst_;
  const size_t names_;
  mutable std::mutex mutex_;
  std::list<Bucket> order_;  // last seen first
  std::unordered_map<std::string_view, std::list<Bucket>::iterator> index_;  // names in order_
};

// What stands for a client in such a list: an IPv4 address, or an IPv6 /64, all of which one host may have.
std::string rate_name(std::string_view client);

}  // namespace postern
