// SPDX-License-Identifier: GPL-2.0-or-later
// Measures the shared store against a Redis that may be filled and flushed: `store_bench URL [MESSAGES]`,
// or only the writer at a steady pace: `store_bench URL pace RECORDS-A-SECOND SECONDS`.
//  1. propagation: from the reply to HSET until each of 8 nodes applies a policy and a table row
//  2. memory of tracking records by Redis' own used_memory, three facts a message
//  3. memory of a policy row
//  4. time of a look-up: cached policy, uncached policy, evidence of a bounce
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <thread>

#include "base/log.h"
#include "base/strings.h"
#include "store/redis_connection.h"
#include "store/store.h"

namespace postern {
namespace {

Deadline soon() { return Deadline::after(Millis(60'000)); }

class Server {
 public:
  explicit Server(const RedisUrl& url)
      : connection_(std::move(RedisConnection::open(url.addresses.front(), url, nullptr, soon()).value())) {}
  ReplyPtr run(const RedisCommand& command) { return std::move(connection_->run(command, soon()).value()); }
  double memory() {
    const ReplyPtr info = run({"INFO", "memory"});
    const std::string_view text = text_of(*info);
    const size_t at = text.find("used_memory:") + 12;
    return std::atof(std::string(text.substr(at, text.find('\r', at) - at)).c_str());
  }

 private:
  std::unique_ptr<RedisConnection> connection_;
};

void print_times(const char* what, std::vector<int64_t> micros) {
  std::sort(micros.begin(), micros.end());
  const auto at = [&](double part) {
    return micros[static_cast<size_t>(part * static_cast<double>(micros.size() - 1))];
  };
  std::printf("%-34s n=%zu p50 %lld us, p90 %lld us, p99 %lld us, max %lld us\n", what, micros.size(),
              static_cast<long long>(at(0.5)), static_cast<long long>(at(0.9)), static_cast<long long>(at(0.99)),
              static_cast<long long>(at(1.0)));
}

// For each edit, the time until each node shows it.
std::vector<int64_t> propagation(std::vector<std::unique_ptr<Store>>& nodes, int edits,
                                 const std::function<void(int)>& edit,
                                 const std::function<bool(Store&, int)>& applied) {
  std::vector<int64_t> micros;
  for (int i = 0; i < edits; ++i) {
    edit(i);
    const int64_t start = steady_micros();
    std::vector<bool> done(nodes.size(), false);
    for (size_t left = nodes.size(); left > 0;) {
      for (size_t n = 0; n < nodes.size(); ++n) {
        if (done[n] || !applied(*nodes[n], i)) continue;
        done[n] = true;
        --left;
        micros.push_back(steady_micros() - start);
      }
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
  return micros;
}

void measure_propagation(const StoreOptions& options, Server& server) {
  std::vector<std::unique_ptr<Store>> nodes;
  for (int i = 0; i < 8; ++i) {
    StoreOptions own = options;
    own.node = "bench" + std::to_string(i);
    nodes.push_back(std::move(open_store(own).value()));
  }
  const std::vector<std::string> recipient{"a@example.com"};
  const auto action = [](int i) { return i % 2 == 0 ? Action::kDelete : Action::kReject; };
  print_times("policy edit until applied, 8 nodes",
              propagation(
                  nodes, 200,
                  [&](int i) {
                    server.run({"HSET", "postern:policy:a@example.com", "spam", std::string(to_string(action(i)))});
                  },
                  [&](Store& node, int i) {
                    const auto chains = node.policies(recipient, soon());
                    return chains.ok() && decide_policy(chains->front(), Verdict::kSpam).action == action(i);
                  }));
  print_times("table edit until applied, 8 nodes",
              propagation(
                  nodes, 200,
                  [&](int i) {
                    server.run({"HSET", "postern:domains", "example.com", i % 2 == 0 ? "enforce" : "monitor"});
                  },
                  [&](Store& node, int i) {
                    const auto tables = node.tables();
                    const auto row = tables->domains.find("example.com");
                    return row != tables->domains.end() &&
                           row->second.wanted == (i % 2 == 0 ? BounceState::kEnforce : BounceState::kMonitor);
                  }));
}

TrackRecord random_record(std::mt19937_64& random, Day day, int number) {
  TrackRecord record{day, static_cast<uint16_t>(number % 1440), {}, ""};
  for (int f = 0; f < 3; ++f) {
    TrackHash fact{};
    const uint64_t bits = random();
    for (size_t b = 0; b < fact.size(); ++b) fact[b] = static_cast<char>(bits >> (8 * b));
    record.facts.push_back(fact);
  }
  return record;
}

void measure_tracking(const StoreOptions& options, Server& server, int messages) {
  const auto store = std::move(open_store(options).value());
  std::mt19937_64 random(1);
  const Day today = day_of(unix_now());
  const double before = server.memory();
  const int64_t start = steady_micros();
  for (int i = 0; i < messages; ++i) {
    store->track(random_record(random, today, i));
    if (i % 20'000 == 19'999) store->flush(soon());  // the queue holds 100,000
  }
  store->flush(soon());
  const double seconds = static_cast<double>(steady_micros() - start) / 1e6;
  std::printf("%d tracked messages, 3 facts each: %.1f bytes a message, %.0f messages/s, dropped %llu\n", messages,
              (server.memory() - before) / messages, messages / seconds,
              static_cast<unsigned long long>(store->health().dropped_records));
}

// Records come at a steady pace from eight threads; says how long the queue grew and what was lost.
int keep_pace(const StoreOptions& options, int pace, int seconds) {
  constexpr int kThreads = 8;
  const auto store = std::move(open_store(options).value());
  const Day today = day_of(unix_now());
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<uint64_t>(i));
      for (int n = i; n < pace * seconds; n += kThreads) {
        std::this_thread::sleep_until(start + std::chrono::microseconds(1'000'000LL * n / pace));
        store->track(random_record(random, today, n));
      }
    });
  }
  uint64_t longest = 0;
  const auto end = start + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    longest = std::max(longest, store->health().queued_records);
  }
  for (std::thread& thread : threads) thread.join();
  const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const bool written = store->flush(soon());
  const double last = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() - spent;
  const uint64_t dropped = store->health().dropped_records;
  std::printf("%d records in %.1f s (%.0f a second wanted, %.0f reached): longest queue seen %llu, dropped %llu, "
              "the rest written %.3f s after the last one\n",
              pace * seconds, spent, static_cast<double>(pace), pace * seconds / spent,
              static_cast<unsigned long long>(longest), static_cast<unsigned long long>(dropped), last);
  return written && dropped == 0 ? 0 : 1;
}

void measure_policies(const StoreOptions& options, Server& server) {
  constexpr int kRows = 50'000;
  const double before = server.memory();
  server.run(
      {"EVAL",
       "for i = 1, tonumber(ARGV[1]) do redis.call('HSET', 'postern:policy:user' .. i .. '@example.com', 'spam', "
       "'quarantine', 'surespam', 'delete') end return 1",
       "0", std::to_string(kRows)});
  std::printf("%d policies: %.1f bytes each in Redis\n", kRows, (server.memory() - before) / kRows);
  const auto store = std::move(open_store(options).value());
  std::vector<int64_t> fresh, cached, evidence;
  const Day today = day_of(unix_now());
  for (int i = 1; i <= 2000; ++i) {
    const std::vector<std::string> who{"user" + std::to_string(i) + "@example.com"};
    for (auto* times : {&fresh, &cached}) {
      const int64_t start = steady_micros();
      if (!store->policies(who, soon()).ok()) std::abort();
      times->push_back(steady_micros() - start);
    }
    const std::vector<TrackQuery> queries(3, TrackQuery{{'a', 'b', 'c', 'd', 'e', 'f'}, today - 10, today});
    const int64_t start = steady_micros();
    if (!store->find(queries, {}, soon()).ok()) std::abort();
    evidence.push_back(steady_micros() - start);
  }
  print_times("policy not in the cache", fresh);
  print_times("policy in the cache", cached);
  print_times("3 facts looked for on 11 days", evidence);
}

}  // namespace
}  // namespace postern

int main(int argc, char** argv) {
  using namespace postern;
  const auto url = parse_redis_url(argc > 1 ? argv[1] : "");
  if (!url.ok()) {
    std::cerr << url.error().text << "\nusage: store_bench URL [MESSAGES | pace RECORDS-A-SECOND SECONDS]\n";
    return 2;
  }
  open_log(LogTarget::kStderr, "store_bench", LogLevel::kWarning);
  StoreOptions options;
  options.redis = argv[1];
  options.command_timeout = Millis(5000);
  if (argc == 5 && std::string_view(argv[2]) == "pace") {
    return keep_pace(options, std::atoi(argv[3]), std::atoi(argv[4]));
  }
  Server server(*url);
  measure_propagation(options, server);
  measure_policies(options, server);
  measure_tracking(options, server, argc > 2 ? std::atoi(argv[2]) : 1'000'000);
  return 0;
}
