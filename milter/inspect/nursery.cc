// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/nursery.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{2};
constexpr milliseconds kStartLimit{10'000};
constexpr milliseconds kFirstPause{100};  // after a failed start; doubles up to kLongestPause
constexpr milliseconds kLongestPause{10'000};

}  // namespace

Status Nursery::open() {
  program_ = Fd(::open(options_.program.c_str(), O_PATH | O_CLOEXEC));
  if (!program_.valid()) return unavailable("cannot run " + options_.program + ": " + std::strerror(errno));
  return Nothing{};
}

void Nursery::start(size_t count) {
  for (size_t i = 0; i < count && !pausing(); ++i) {
    Result<Worker> worker = WorkerProcess::start(program_, options_.program, options_.memory);
    if (worker.ok()) {
      starting_.push_back({std::move(worker).value(), Clock::now()});
    } else {
      failed(worker.error().text);
    }
  }
}

void Nursery::failed(const std::string& reason) {
  const auto pause = std::min(kFirstPause * (1 << std::min(failures_, 7U)), kLongestPause);
  ++failures_;
  next_start_ = Clock::now() + pause;
  fault_ = reason;
  if (logging_) log(LogLevel::kError, reason + "; trying again in " + to_string(pause));
}

void Nursery::bury(Worker worker, std::string how) {
  worker->kill();
  dying_.push_back({std::move(worker), std::move(how)});
}

std::vector<Nursery::Worker> Nursery::look() {
  std::vector<Worker> ready;
  for (Starting& one : starting_) {
    const Status hello = one.worker->wait_ready(Deadline::after(Millis(0)));
    if (hello.ok()) {
      failures_ = 0;
      fault_.clear();
      ready.push_back(std::move(one.worker));
    } else if (hello.error().kind != ErrorKind::kTimeout || Clock::now() - one.since >= kStartLimit) {
      failed(hello.error().text);
      bury(std::move(one.worker), "");
    }
  }
  std::erase_if(starting_, [](const Starting& one) { return one.worker == nullptr; });
  std::erase_if(dying_, [](const Dying& one) {
    const auto end = one.worker->try_reap();
    if (!end) return false;
    if (!one.how.empty()) {
      log(LogLevel::kWarning, "inspector " + std::to_string(one.worker->pid()) + " " + one.how + ": " + *end +
                                  "; another takes its place");
    }
    return true;
  });
  return ready;
}

Nursery::Clock::time_point Nursery::next_look() const {
  if (!starting_.empty() || !dying_.empty()) return Clock::now() + kLook;
  return Clock::time_point::max();
}

}  // namespace postern
