// SPDX-License-Identifier: GPL-2.0-or-later
// Plays the MTA: sends messages to a milter over N connections at once and says how many a second went through, and
// how long they took, MAIL to the answer at the end of the message.  Every end of message must be accepted, else it
// fails.  With --idle it opens N connections, says so, and holds them until its standard input ends.
#include <getopt.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "test/bench/milter_peer.h"

namespace {

using postern::bench::Connection;
using postern::bench::Envelope;
using postern::bench::Mail;
using postern::bench::read_mail;
using Clock = std::chrono::steady_clock;
using Micros = std::chrono::microseconds;

struct Options {
  int port = 0;
  unsigned connections = 8;
  double seconds = 2;
  uint64_t messages = UINT64_MAX;  // ends earlier after this many
  unsigned per_connection = 100;
  bool idle = false;
  Envelope envelope;  // "%u" in the recipient stands for a number that changes with each message
  std::vector<Mail> mails;
};

struct Totals {
  std::atomic<uint64_t> started{0}, refused{0};
  std::mutex lock;
  std::vector<int64_t> micros;  // of each message
  std::string fault;
};

std::string recipient_of(const Options& options, uint64_t number) {
  std::string recipient = options.envelope.recipient;
  const size_t place = recipient.find("%u");
  if (place != std::string::npos) recipient.replace(place, 2, std::to_string(number));
  return recipient;
}

void drive(const Options& options, unsigned number, Clock::time_point end, Totals& totals) {
  std::vector<int64_t> micros;
  try {
    const auto more = [&] { return Clock::now() < end && totals.started < options.messages; };
    for (size_t next = number; more();) {
      Connection connection(options.port, options.envelope);
      for (unsigned each = 0; each < options.per_connection && more(); ++each) {
        const uint64_t count = totals.started++;
        const auto start = Clock::now();
        const char answer =
            connection.send(options.mails[next++ % options.mails.size()], recipient_of(options, count));
        micros.push_back(std::chrono::duration_cast<Micros>(Clock::now() - start).count());
        if (answer != 'a' && answer != 'c') ++totals.refused;
      }
    }
  } catch (const std::exception& fault) {
    const std::lock_guard<std::mutex> guard(totals.lock);
    totals.fault = fault.what();
  }
  const std::lock_guard<std::mutex> guard(totals.lock);
  totals.micros.insert(totals.micros.end(), micros.begin(), micros.end());
}

Options parse(int argc, char** argv) {
  Options options;
  constexpr option kLong[] = {
      {"port", required_argument, nullptr, 'p'},    {"connections", required_argument, nullptr, 'n'},
      {"seconds", required_argument, nullptr, 's'}, {"per-connection", required_argument, nullptr, 'm'},
      {"from", required_argument, nullptr, 'f'},    {"to", required_argument, nullptr, 't'},
      {"auth", required_argument, nullptr, 'a'},    {"messages", required_argument, nullptr, 'c'},
      {"idle", no_argument, nullptr, 'i'},          {nullptr, 0, nullptr, 0}};
  for (int c = 0; (c = getopt_long(argc, argv, "", kLong, nullptr)) != -1;) {
    switch (c) {
      case 'p':
        options.port = std::atoi(optarg);
        break;
      case 'n':
        options.connections = static_cast<unsigned>(std::atoi(optarg));
        break;
      case 's':
        options.seconds = std::atof(optarg);
        break;
      case 'm':
        options.per_connection = static_cast<unsigned>(std::atoi(optarg));
        break;
      case 'f':
        options.envelope.sender = optarg;
        break;
      case 't':
        options.envelope.recipient = optarg;
        break;
      case 'a':
        options.envelope.authenticated = optarg;
        break;
      case 'c':
        options.messages = std::strtoull(optarg, nullptr, 10);
        break;
      case 'i':
        options.idle = true;
        break;
      default:
        throw std::runtime_error("unknown option");
    }
  }
  for (; optind < argc; ++optind) options.mails.push_back(read_mail(argv[optind]));
  if (options.port == 0 || (options.mails.empty() && !options.idle)) {
    throw std::runtime_error(
        "expected --port PORT [--connections N] [--seconds S] [--messages N] [--per-connection N] "
        "[--from A] [--to A] [--auth USER] FILE..., or --port PORT --connections N --idle");
  }
  return options;
}

void hold(const Options& options) {
  std::vector<std::unique_ptr<Connection>> held;
  for (unsigned i = 0; i < options.connections; ++i) {
    held.push_back(std::make_unique<Connection>(options.port, options.envelope));
  }
  std::printf("holding=%zu\n", held.size());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

int run(const Options& options) {
  Totals totals;
  const auto start = Clock::now();
  const auto end = start + Micros(static_cast<int64_t>(options.seconds * 1e6));
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.connections; ++i) {
    threads.emplace_back([&, i] { drive(options, i, end, totals); });
  }
  for (std::thread& thread : threads) thread.join();
  const double spent = std::chrono::duration<double>(Clock::now() - start).count();
  if (!totals.fault.empty()) throw std::runtime_error(totals.fault);
  if (totals.micros.empty()) throw std::runtime_error("no message went through in time");
  std::sort(totals.micros.begin(), totals.micros.end());
  const auto part = [&](double share) {
    return static_cast<long long>(
        totals.micros[static_cast<size_t>(share * static_cast<double>(totals.micros.size() - 1))]);
  };
  std::printf("messages=%zu refused=%llu seconds=%.3f per-second=%.1f p50=%lld p99=%lld max=%lld\n",
              totals.micros.size(), static_cast<unsigned long long>(totals.refused), spent,
              static_cast<double>(totals.micros.size()) / spent, part(0.5), part(0.99), part(1));
  return totals.refused == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    if (!options.idle) return run(options);
    hold(options);
    return 0;
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "bench-driver: %s\n", fault.what());
    return 2;
  }
}
