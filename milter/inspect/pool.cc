// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <utility>

#include "base/log.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlowAfter{100};
constexpr milliseconds kLook{20};  // how often the keeper looks while somebody waits
constexpr Millis kStartLimit{10'000};
constexpr milliseconds kFirstPause{100};  // between failed starts; doubles up to kLongestPause
constexpr milliseconds kLongestPause{10'000};

// The worker stops by itself a little before the daemon would stop it, so that it can still say what it found.
Millis worker_limit(Millis whole) { return whole - std::clamp(whole / 10, Millis(10), Millis(200)); }

std::string describe(const WorkerProcess::Reply& reply) {
  switch (reply.outcome) {
    case WorkerProcess::Outcome::kDied:
      return "died while it looked at a message";
    case WorkerProcess::Outcome::kLate:
      return "took too long for a message";
    case WorkerProcess::Outcome::kNonsense:
      return "gave a malformed answer (" + reply.fault + ")";
    case WorkerProcess::Outcome::kAnswered:
    case WorkerProcess::Outcome::kRetiring:
      break;
  }
  return "";
}

// What is left to say about a message that no worker could be brought to answer for.
BodyFacts given_up(std::optional<BodyFacts> partial, const InspectRequest& request) {
  BodyFacts facts = partial ? std::move(*partial) : BodyFacts{};
  facts.timeout = true;
  facts.truncated = request.truncated;
  return facts;
}

}  // namespace

WorkerPool::WorkerPool(const InspectOptions& options)
    : options_(options),
      wanted_(options.workers > 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency())) {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Waiter* waiter : waiting_) waiter->ready.notify_one();
  }
  work_.notify_one();
  if (keeper_.joinable()) keeper_.join();
}

Status WorkerPool::start() {
  program_ = Fd(::open(options_.program.c_str(), O_PATH | O_CLOEXEC));
  if (!program_.valid()) return unavailable("cannot run " + options_.program + ": " + std::strerror(errno));
  keeper_ = std::thread([this] { keep(); });
  std::unique_lock lock(mutex_);
  started_.wait(lock, [this] { return idle_.size() >= wanted_ || !start_fault_.empty(); });
  if (!start_fault_.empty()) return unavailable(start_fault_);
  running_ = true;
  return Nothing{};
}

BodyFacts WorkerPool::inspect(const InspectRequest& request, Deadline deadline) {
  std::optional<BodyFacts> partial;
  for (int attempt = 0; attempt < 2; ++attempt) {
    Worker worker = take(deadline);
    if (!worker) break;
    const Deadline hard = deadline.within(options_.timeout);
    WorkerProcess::Reply reply = worker->ask(request, worker_limit(hard.left()), hard);
    const bool cut = settle(std::move(worker), reply);
    const bool complete =
        reply.outcome == WorkerProcess::Outcome::kAnswered || reply.outcome == WorkerProcess::Outcome::kRetiring;
    if (complete) return std::move(*reply.facts);
    if (reply.facts) partial = std::move(reply.facts);
    if (cut || reply.outcome == WorkerProcess::Outcome::kLate) break;
  }
  return given_up(std::move(partial), request);
}

uint64_t WorkerPool::restarts() const {
  const std::lock_guard lock(mutex_);
  return restarts_;
}

WorkerPool::Worker WorkerPool::take_idle() {
  while (!idle_.empty()) {
    Worker worker = std::move(idle_.back());
    idle_.pop_back();
    if (worker->alive()) {
      busy_.push_back({worker.get(), Clock::now()});
      return worker;
    }
    end(std::move(worker), "died while it was idle");
  }
  return nullptr;
}

WorkerPool::Worker WorkerPool::take(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (waiting_.empty()) {
    if (Worker worker = take_idle()) return worker;
  }
  Waiter me;
  const auto place = waiting_.insert(waiting_.end(), &me);
  work_.notify_one();
  me.ready.wait_for(lock, deadline.left(), [&] { return me.worker != nullptr || stopping_; });
  if (!me.worker) waiting_.erase(place);  // else give() did
  return std::move(me.worker);
}

bool WorkerPool::settle(Worker worker, const WorkerProcess::Reply& reply) {
  const std::lock_guard lock(mutex_);
  const auto entry =
      std::find_if(busy_.begin(), busy_.end(), [&](const Busy& b) { return b.worker == worker.get(); });
  const Busy was = *entry;
  busy_.erase(entry);
  if (reply.outcome == WorkerProcess::Outcome::kAnswered && !was.slow) {
    give(std::move(worker));
  } else {
    end(std::move(worker), was.cut ? "was ended early to make room for other messages" : describe(reply));
  }
  return was.cut;
}

void WorkerPool::give(Worker worker) {
  if (waiting_.empty()) {
    idle_.push_back(std::move(worker));
    return;
  }
  Waiter* const first = waiting_.front();
  waiting_.pop_front();
  busy_.push_back({worker.get(), Clock::now()});
  first->worker = std::move(worker);
  first->ready.notify_one();
}

void WorkerPool::end(Worker worker, std::string how) {
  if (!how.empty()) ++restarts_;
  ended_.push_back({std::move(worker), std::move(how)});
  work_.notify_one();
}

size_t WorkerPool::missing() const {
  const auto slow = std::count_if(busy_.begin(), busy_.end(), [](const Busy& b) { return b.slow; });
  const size_t have = idle_.size() + busy_.size() - static_cast<size_t>(slow);
  return have < wanted_ ? wanted_ - have : 0;
}

void WorkerPool::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    bury(lock);
    relieve();
    replenish(lock);
    if (stopping_ || !ended_.empty()) continue;
    const Clock::time_point next = next_look();
    if (next == Clock::time_point::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, next);
    }
  }
}

void WorkerPool::bury(std::unique_lock<std::mutex>& lock) {
  std::vector<Ended> ended = std::exchange(ended_, {});
  if (ended.empty()) return;
  lock.unlock();
  for (const Ended& one : ended) {
    one.worker->kill();
    const std::string status = one.worker->reap();
    if (one.how.empty()) continue;
    log(LogLevel::kWarning, "inspector " + std::to_string(one.worker->pid()) + " " + one.how + ": " + status +
                                "; another takes its place");
  }
  ended.clear();
  lock.lock();
}

void WorkerPool::replenish(std::unique_lock<std::mutex>& lock) {
  const size_t count = missing();
  if (count == 0 || Clock::now() < next_start_) return;
  lock.unlock();
  std::vector<Result<Worker>> fresh;  // started all at once, so that they get ready side by side
  for (size_t i = 0; i < count; ++i) {
    fresh.push_back(WorkerProcess::start(program_, options_.program, options_.memory));
  }
  for (Result<Worker>& one : fresh) {
    const Status ready = one.ok() ? (*one)->wait_ready(Deadline::after(kStartLimit)) : Status(one.error());
    lock.lock();
    if (ready.ok()) {
      failed_starts_ = 0;
      give(std::move(one).value());
      started_.notify_one();
    } else {
      start_failed(ready.error().text);
    }
    lock.unlock();
  }
  fresh.clear();
  lock.lock();
}

void WorkerPool::start_failed(const std::string& reason) {
  const auto pause = std::min(kFirstPause * (1 << std::min(failed_starts_, 7U)), kLongestPause);
  ++failed_starts_;
  next_start_ = Clock::now() + pause;
  if (running_) {
    log(LogLevel::kError, reason + "; trying again in " + to_string(pause));
  } else {  // start() reports it
    start_fault_ = reason;
    started_.notify_one();
  }
}

void WorkerPool::relieve() {
  if (waiting_.empty()) return;
  const Clock::time_point now = Clock::now();
  auto slow = static_cast<size_t>(std::count_if(busy_.begin(), busy_.end(), [](const Busy& b) { return b.slow; }));
  bool full = false;
  for (Busy& one : busy_) {
    if (one.slow || now - one.since < kSlowAfter) continue;
    if (slow >= wanted_) {
      full = true;
      break;
    }
    one.slow = true;
    one.worker->renice();
    ++slow;
  }
  if (!full) return;
  // The list is in the order of time, so the first is the oldest.
  const auto oldest = std::find_if(busy_.begin(), busy_.end(), [](const Busy& b) { return b.slow; });
  if (oldest == busy_.end() || oldest->cut || now - oldest->since < options_.timeout / 4) return;
  oldest->cut = true;
  oldest->worker->kill();
}

WorkerPool::Clock::time_point WorkerPool::next_look() const {
  if (!waiting_.empty()) return Clock::now() + kLook;
  if (missing() > 0) return next_start_;
  return Clock::time_point::max();
}

Result<std::unique_ptr<Inspector>> start_inspector(const InspectOptions& options) {
  auto pool = std::make_unique<WorkerPool>(options);
  if (const Status started = pool->start(); !started) return started.error();
  return std::unique_ptr<Inspector>(std::move(pool));
}

std::string find_inspector() {
  std::string self(PATH_MAX, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  if (size > 0) {
    self.resize(static_cast<size_t>(size));
    const std::string beside = self.substr(0, self.rfind('/') + 1) + "postern-inspect";
    if (::access(beside.c_str(), X_OK) == 0) return beside;
  }
  return POSTERN_LIBEXECDIR "/postern-inspect";
}

}  // namespace postern
