// SPDX-License-Identifier: GPL-2.0-or-later
// How fast the connection gate finds a client's row among a million, how much memory that takes, and how long the
// table takes to build: for a million addresses that come once each, and for so many clients of which few come often.
// Next to two others: a std::map that is asked for each length in use, and (when the file is
// named by POSTFIX_UTIL, for example /usr/lib/postfix/libpostfix-util.so) Postfix's own cidr: table, called in this
// process through its library: a list that is searched from the start.  `postmap -q` would measure starting a process
// and reading the table anew for each address, which no running server does.  Usage: networks_bench [ROWS]
#include <dlfcn.h>
#include <fcntl.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "policy/networks.h"

namespace {

using namespace postern;

constexpr UnixTime kNow = 1'700'000'000;
constexpr size_t kQueries = 1 << 20;

volatile uint64_t g_sink;  // keeps results from being thought useless

class Maker {
 public:
  uint64_t below(uint64_t limit) { return random_() % limit; }
  uint64_t number() { return random_(); }
  // The lengths of announced networks, roughly: mostly /24 and /48.
  uint8_t ipv4_length() {
    constexpr uint8_t kOften[]{24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19, 18, 16, 32, 28};
    return static_cast<uint8_t>(96 + kOften[below(std::size(kOften))]);
  }
  uint8_t ipv6_length() {
    constexpr uint8_t kOften[]{48, 48, 48, 48, 48, 32, 32, 44, 40, 36, 29, 46, 47, 56, 64, 128};
    return kOften[below(std::size(kOften))];
  }
  IpAddress ipv4() { return {0, 0xffffULL << 32 | (number() & 0xffffffff)}; }
  IpAddress ipv6() {
    constexpr uint64_t kBlocks[]{0x2001, 0x2400, 0x2600, 0x2604, 0x2800, 0x2a00, 0x2a02, 0x2c0f};
    return {kBlocks[below(std::size(kBlocks))] << 48 | number() >> 16, number()};
  }

 private:
  std::mt19937_64 random_{42};
};

using Rows = std::vector<NetworkRow>;

void add(Rows& rows, std::set<Prefix>& seen, const IpAddress& at, uint8_t length, uint64_t kind) {
  const Prefix prefix{masked(at, length), length};
  if (!seen.insert(prefix).second) return;
  NetworkRow row{prefix, kind % 10 == 0 ? NetworkUse::kDeny : NetworkUse::kAllow, {}, {}, {}};
  if (kind % 50 == 0) row.until = kNow + 100;
  if (kind % 20 == 0) row.note = "provider " + std::to_string(kind % 1000);
  rows.push_back(row);
}

Rows announced(size_t count) {  // 60 % IPv4
  Maker make;
  Rows rows;
  std::set<Prefix> seen;
  while (rows.size() < count) {
    const bool v4 = make.below(10) < 6;
    add(rows, seen, v4 ? make.ipv4() : make.ipv6(), v4 ? make.ipv4_length() : make.ipv6_length(), make.number());
  }
  return rows;
}

Rows single_hosts(size_t count) {  // in few, dense networks
  Maker make;
  Rows rows;
  std::set<Prefix> seen;
  while (rows.size() < count) {
    const uint64_t low = make.below(1 << 20);
    const uint64_t net = make.below(4);
    const IpAddress v6{0x20010db8ULL << 32 | net, low};
    const IpAddress v4{0, 0xffffULL << 32 | (10 + net) << 24 | low};
    add(rows, seen, make.below(2) == 0 ? v4 : v6, 128, make.number());
  }
  return rows;
}

Rows nested(size_t count) {  // every length of one address after another
  Maker make;
  Rows rows;
  std::set<Prefix> seen;
  while (rows.size() < count) {
    const IpAddress v4 = make.ipv4();
    const IpAddress v6 = make.ipv6();
    for (uint8_t length = 128; length > 104 && rows.size() < count; --length) add(rows, seen, v4, length, 1);
    for (uint8_t length = 64; length > 20 && rows.size() < count; --length) add(rows, seen, v6, length, 1);
  }
  return rows;
}

std::vector<IpAddress> queries(const Rows& rows) {  // half of them inside of a listed network
  Maker make;
  std::vector<IpAddress> out;
  while (out.size() < kQueries) {
    IpAddress at = make.below(10) < 6 ? make.ipv4() : make.ipv6();
    if (make.below(2) == 0) {
      const Prefix& prefix = rows[make.below(rows.size())].prefix;
      const IpAddress mask = masked({~0ULL, ~0ULL}, prefix.length);
      at = {prefix.address.high | (make.number() & ~mask.high), prefix.address.low | (make.number() & ~mask.low)};
    }
    out.push_back(at);
  }
  return out;
}

// The first `clients` of these addresses as a server meets them: few come often, most seldom (Zipf's law with exponent
// 1: the client of rank r comes with a frequency of 1/r).
std::vector<IpAddress> as_clients_come(const std::vector<IpAddress>& all, size_t clients) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(0, std::log(static_cast<double>(clients)));
  std::vector<IpAddress> out(all.size());
  for (IpAddress& each : out) each = all[std::min(static_cast<size_t>(std::exp(exponent(random))), clients - 1)];
  return out;
}

double nanos_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

// What reading the clock adds to a measurement.
double clock_cost() {
  std::vector<double> nanos(10'001);
  for (double& one : nanos) one = nanos_since(std::chrono::steady_clock::now());
  std::nth_element(nanos.begin(), nanos.begin() + 5'000, nanos.end());
  return nanos[5'000];
}

constexpr size_t kBatch = 64;

double at_percent(std::vector<double>& values, size_t percent) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * percent / 100);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

// Times `look` in two ways, each warm (after one round over the same queries): one lookup between two readings of the
// clock, whose own cost is taken off, so that a lookup waits for all of its memory; and batches of lookups of other,
// independent addresses, as the time of a batch divided by its size, in which the processor may overlap them.
template <class Look>
void time_lookups(const char* name, const std::vector<IpAddress>& all, size_t count, Look look) {
  std::vector<double> single(count), batches(count / kBatch);
  const double cost = clock_cost();
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < count; ++i) {
      const auto start = std::chrono::steady_clock::now();
      g_sink = g_sink + look(all[i]);
      single[i] = nanos_since(start) - cost;
    }
    for (size_t i = 0; i < batches.size(); ++i) {
      uint64_t sum = 0;
      const auto start = std::chrono::steady_clock::now();
      for (size_t k = i * kBatch; k < (i + 1) * kBatch; ++k) sum += look(all[k]);
      batches[i] = nanos_since(start) / kBatch;
      g_sink = g_sink + sum;
    }
  }
  std::printf(
      "  %-14s one by one: median %6.0f ns, p99 %7.0f;  batches of %zu: median %6.0f ns, p99 %7.0f a lookup\n", name,
      at_percent(single, 50), at_percent(single, 99), kBatch, at_percent(batches, 50), at_percent(batches, 99));
}

class MapSearch {
 public:
  explicit MapSearch(const Rows& rows) {
    std::set<uint8_t> lengths;
    for (const NetworkRow& row : rows) {
      map_.emplace(row.prefix, row.use);
      lengths.insert(row.prefix.length);
    }
    lengths_.assign(lengths.rbegin(), lengths.rend());
  }
  uint64_t look(const IpAddress& client) const {
    const bool v4 = client.is_ipv4();
    for (const uint8_t length : lengths_) {
      if (v4 && length < 96) break;
      const auto at = map_.find({masked(client, length), length});
      if (at != map_.end()) return static_cast<uint64_t>(at->second) + 1;
    }
    return 0;
  }

 private:
  std::map<Prefix, NetworkUse> map_;
  std::vector<uint8_t> lengths_;
};

// The start of Postfix's DICT (src/util/dict.h), as far as a caller of dict_get() needs it.
struct PostfixDict {
  char* type;
  char* name;
  int flags;
  const char* (*lookup)(PostfixDict*, const char*);
};

// A linear list of a million rows would take the whole day: it gets the first `kept` ones and few queries.
void time_postfix(const Rows& rows, const std::vector<IpAddress>& all, size_t kept) {
  const char* library = std::getenv("POSTFIX_UTIL");
  if (library == nullptr) return;
  void* handle = dlopen(library, RTLD_NOW);
  using Open = PostfixDict* (*)(const char*, int, int);
  const auto open = handle != nullptr ? reinterpret_cast<Open>(dlsym(handle, "dict_cidr_open")) : nullptr;
  if (open == nullptr) {
    std::printf("  %s: %s\n", library, dlerror());
    return;
  }
  std::string path = "/tmp/networks_bench.XXXXXX";
  const int fd = mkstemp(path.data());
  FILE* file = fd < 0 ? nullptr : fdopen(fd, "w");
  if (file == nullptr) return;
  for (size_t i = 0; i < kept && i < rows.size(); ++i) {
    std::fprintf(file, "%s %s\n", to_string(rows[i].prefix).c_str(), std::string(to_string(rows[i].use)).c_str());
  }
  std::fclose(file);
  PostfixDict* dict = open(path.c_str(), O_RDONLY, 0);
  std::remove(path.c_str());
  const std::string name = "cidr, " + std::to_string(kept);
  time_lookups(name.c_str(), all, 1024, [&](const IpAddress& client) -> uint64_t {
    return dict->lookup(dict, to_string(client).c_str()) != nullptr;
  });
}

void run(const char* title, const Rows& rows, bool with_others) {
  const auto all = queries(rows);
  const int64_t start = steady_micros();
  auto table = std::make_unique<NetworkTable>(rows);
  const int64_t built = steady_micros();
  std::printf("%s: %zu rows, built in %.2f s, %.1f bytes a row\n", title, rows.size(),
              static_cast<double>(built - start) / 1e6,
              static_cast<double>(table->memory()) / static_cast<double>(rows.size()));
  const auto judge = [&](const IpAddress& client) -> uint64_t { return table->judge(client, kNow).row; };
  time_lookups("each once", all, all.size(), judge);
  for (const size_t clients : {size_t{10'000}, size_t{100'000}, all.size()}) {
    const std::string name = "of " + std::to_string(clients);
    time_lookups(name.c_str(), as_clients_come(all, clients), all.size(), judge);
  }
  if (!with_others) return;
  const MapSearch map(rows);
  time_lookups("std::map", all, all.size() / 16, [&](const IpAddress& client) { return map.look(client); });
  for (const size_t kept : {100, 1000, 10000}) time_postfix(rows, all, kept);
}

}  // namespace

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? to_uint(argv[1], 100'000'000).value_or(0) : 1'000'000;
  if (count == 0) {
    std::fprintf(stderr, "usage: %s [ROWS]\n", argv[0]);
    return 2;
  }
  run("announced networks", announced(count), true);
  run("single hosts", single_hosts(count), false);
  run("nested", nested(count), false);
  run("ten thousand", announced(10'000), false);
  run("ten", announced(10), false);
  return 0;
}
