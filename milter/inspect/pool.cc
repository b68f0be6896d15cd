// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSlowAfter{100};
constexpr milliseconds kPatience{250};
constexpr size_t kSmall = 32 << 10;
constexpr milliseconds kLook{20};  // how often the keeper looks while somebody waits

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
      for_big_(options.workers > 0 ? options.workers : std::max(1U, std::thread::hardware_concurrency())),
      wanted_(for_big_ + 1),
      nursery_(options) {}

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
  if (Status opened = nursery_.open(); !opened) return opened;
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
    Worker worker = take(request.body.size() <= kSmall, deadline);
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
    if (worker->alive()) return worker;
    end(std::move(worker), "died while it was idle");
  }
  return nullptr;
}

// Who gets the next worker, or the end of the list if nobody may have it.
std::list<WorkerPool::Waiter*>::iterator WorkerPool::next_waiter() {
  const auto big = static_cast<size_t>(
      std::count_if(busy_.begin(), busy_.end(), [](const Busy& b) { return !b.small && !b.slow; }));
  const auto first_small = std::find_if(waiting_.begin(), waiting_.end(), [](const Waiter* w) { return w->small; });
  if (big >= for_big_) return first_small;
  const auto first_big = std::find_if(waiting_.begin(), waiting_.end(), [](const Waiter* w) { return !w->small; });
  if (first_small == waiting_.end()) return first_big;
  if (first_big == waiting_.end() || Clock::now() - (*first_big)->since < kPatience) return first_small;
  return first_big;
}

// Brings idle workers and waiting threads together.
void WorkerPool::dispatch() {
  while (!waiting_.empty()) {
    const auto place = next_waiter();
    if (place == waiting_.end()) return;
    Worker worker = take_idle();
    if (!worker) return;
    Waiter* const waiter = *place;
    waiting_.erase(place);
    busy_.push_back({worker.get(), Clock::now(), waiter->small});
    waiter->worker = std::move(worker);
    waiter->ready.notify_one();
  }
}

WorkerPool::Worker WorkerPool::take(bool small, Deadline deadline) {
  std::unique_lock lock(mutex_);
  Waiter me(small, Clock::now());
  waiting_.push_back(&me);
  dispatch();
  if (me.worker) return std::move(me.worker);
  if (!looks_soon_) work_.notify_one();
  me.ready.wait_for(lock, deadline.left(), [&] { return me.worker != nullptr || stopping_; });
  if (!me.worker) waiting_.remove(&me);  // else dispatch() did
  return std::move(me.worker);
}

bool WorkerPool::settle(Worker worker, const WorkerProcess::Reply& reply) {
  const std::lock_guard lock(mutex_);
  const auto entry =
      std::find_if(busy_.begin(), busy_.end(), [&](const Busy& b) { return b.worker == worker.get(); });
  const Busy was = *entry;
  busy_.erase(entry);
  if (reply.outcome == WorkerProcess::Outcome::kAnswered && !was.slow) {
    idle_.push_back(std::move(worker));
  } else {
    end(std::move(worker), was.cut ? "was ended early to make room for other messages" : describe(reply));
  }
  dispatch();
  return was.cut;
}

void WorkerPool::end(Worker worker, std::string how) {
  if (!how.empty()) ++restarts_;
  ended_.push_back({std::move(worker), std::move(how)});
  work_.notify_one();
}

size_t WorkerPool::missing() const {
  const auto slow = std::count_if(busy_.begin(), busy_.end(), [](const Busy& b) { return b.slow; });
  const size_t have = idle_.size() + busy_.size() - static_cast<size_t>(slow) + nursery_.starting();
  return have < wanted_ ? wanted_ - have : 0;
}

void WorkerPool::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    relieve();
    tend(lock);
    if (stopping_ || !ended_.empty()) continue;
    const Clock::time_point next = next_look();
    looks_soon_ = next <= Clock::now() + kLook;
    if (next == Clock::time_point::max()) {
      work_.wait(lock);
    } else {
      work_.wait_until(lock, next);
    }
  }
}

void WorkerPool::tend(std::unique_lock<std::mutex>& lock) {
  std::vector<Ended> ended = std::exchange(ended_, {});
  const size_t count = missing();
  if (running_) nursery_.log_faults();  // until then, start() reports them
  lock.unlock();
  for (Ended& one : ended) nursery_.bury(std::move(one.worker), std::move(one.how));
  nursery_.start(count);
  std::vector<Worker> ready = nursery_.look();
  lock.lock();
  start_fault_ = nursery_.fault();
  for (Worker& worker : ready) idle_.push_back(std::move(worker));
  dispatch();
  if (!running_) started_.notify_one();
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
  dispatch();  // who is on the slow lane no longer counts as a big message
  if (!full || waiting_.empty()) return;
  // The list is in the order of time, so the first is the oldest.
  const auto oldest = std::find_if(busy_.begin(), busy_.end(), [](const Busy& b) { return b.slow; });
  if (oldest == busy_.end() || oldest->cut || now - oldest->since < options_.timeout / 4) return;
  oldest->cut = true;
  oldest->worker->kill();
}

WorkerPool::Clock::time_point WorkerPool::next_look() const {
  Clock::time_point next = nursery_.next_look();
  if (!waiting_.empty() || missing() > 0) next = std::min(next, Clock::now() + kLook);
  return next;
}

Result<std::unique_ptr<Inspector>> start_inspector(const InspectOptions& options) {
  auto pool = std::make_unique<WorkerPool>(options);
  if (const Status started = pool->start(); !started) return started.error();
  return std::unique_ptr<Inspector>(std::move(pool));
}

std::string find_inspector() { return find_program("postern-inspect", POSTERN_LIBEXECDIR "/postern-inspect"); }

}  // namespace postern
