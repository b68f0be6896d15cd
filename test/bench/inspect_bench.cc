// SPDX-License-Identifier: GPL-2.0-or-later
// Times questions to the jailed inspector: an empty body, plain text of several sizes, and any saved messages given.
//   inspect_bench [-p PROGRAM] [-n ROUNDS] [-t THREADS] [FILE...]
// One line each: name, bytes, median, 99th percentile, in microseconds.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "inspect/inspector.h"

namespace {

using postern::InspectRequest;

struct Options {
  std::string program = postern::find_inspector();
  int rounds = 2000;
  int threads = 1;
};

void measure(postern::Inspector& inspector, const Options& options, const std::string& name,
             const InspectRequest& request) {
  std::vector<int64_t> times;
  std::mutex mutex;
  std::vector<std::thread> threads;
  int64_t failed = 0;
  for (int i = 0; i < options.threads; ++i) {
    threads.emplace_back([&] {
      std::vector<int64_t> mine;
      int64_t bad = 0;
      for (int round = 0; round < options.rounds; ++round) {
        const int64_t start = postern::steady_micros();
        const auto facts = inspector.inspect(request, postern::Deadline::after(postern::Millis(10'000)));
        mine.push_back(postern::steady_micros() - start);
        bad += facts.inspected && !facts.timeout ? 0 : 1;
      }
      const std::lock_guard lock(mutex);
      times.insert(times.end(), mine.begin(), mine.end());
      failed += bad;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(times.begin(), times.end());
  std::printf("%-32s %10zu bytes  p50 %6lld us  p99 %6lld us%s\n", name.c_str(), request.body.size(),
              static_cast<long long>(times[times.size() / 2]), static_cast<long long>(times[times.size() * 99 / 100]),
              failed > 0 ? "  NOT ALL ANSWERED" : "");
}

InspectRequest load(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  InspectRequest request;
  const size_t crlf = text.find("\r\n\r\n");
  const size_t lf = text.find("\n\n");
  const size_t end = std::min(crlf, lf);
  if (end == std::string::npos) return request;
  request.header = text.substr(0, end + 1);
  request.body = text.substr(end + (crlf < lf ? 4 : 2));
  return request;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int flag = 0; (flag = ::getopt(argc, argv, "p:n:t:")) != -1;) {
    if (flag == 'p') options.program = optarg;
    if (flag == 'n') options.rounds = std::atoi(optarg);
    if (flag == 't') options.threads = std::atoi(optarg);
    if (flag == '?') return 2;
  }
  postern::InspectOptions pool;
  pool.program = options.program;
  const auto inspector = postern::start_inspector(pool);
  if (!inspector) {
    std::fprintf(stderr, "inspect_bench: %s\n", inspector.error().text.c_str());
    return 2;
  }
  for (const size_t size : {size_t{0}, size_t{6'000}, size_t{300'000}, size_t{5'000'000}}) {
    InspectRequest request;
    request.header = "Content-Type: text/plain; charset=us-ascii\r\n";
    while (request.body.size() < size) request.body += "Words of a plain text, about as long as lines are.\r\n";
    Options few = options;
    few.rounds = std::max(20, options.rounds / static_cast<int>(1 + size / 50'000));
    measure(**inspector, few, "plain text", request);
  }
  for (int i = optind; i < argc; ++i) measure(**inspector, options, argv[i], load(argv[i]));
  return 0;
}
