// SPDX-License-Identifier: GPL-2.0-or-later
// The pool behind start_inspector(): idle workers, a queue of threads that wait for one, and one keeper thread that
// starts, replaces, slows down and buries worker processes.  Holds no message.
//
// A message that keeps its worker long must not make the others wait:
// - There is one worker more than asked for.  Big messages get at most the number asked for, so one is left to small
//   messages, and small ones are served first (but no big one waits longer than kPatience for that reason).
// - While somebody waits, a worker that has been busy for kSlowAfter is put on the slow lane: it gets the lowest
//   priority, a fresh worker takes its place in the pool, and it ends after its message.
// - The slow lane has as many places as there are workers.  When it is full and somebody waits, the one that has been
//   there longest is ended early (after a quarter of the time limit); its message keeps the facts found until then.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "inspect/inspector.h"
#include "inspect/nursery.h"
#include "inspect/worker_process.h"

namespace postern {

class WorkerPool final : public Inspector {
 public:
  explicit WorkerPool(const InspectOptions& options);
  ~WorkerPool() override;
  // Starts the keeper and all workers, waits until they are ready; fails with the first worker's reason.
  Status start();

  BodyFacts inspect(const InspectRequest& request, Deadline deadline) override;
  uint64_t restarts() const override;

 private:
  using Clock = Nursery::Clock;
  using Worker = Nursery::Worker;
  struct Busy {
    WorkerProcess* worker;
    Clock::time_point since;
    bool small;
    bool slow = false;
    bool cut = false;  // ended early to make room
  };
  struct Waiter {
    Waiter(bool is_small, Clock::time_point now) : small(is_small), since(now) {}
    std::condition_variable ready;
    Worker worker;
    const bool small;
    const Clock::time_point since;
  };
  struct Ended {
    Worker worker;
    std::string how;  // empty: it retired
  };

  // Called by those who inspect.
  Worker take(bool small, Deadline deadline);
  bool settle(Worker worker, const WorkerProcess::Reply& reply);  // whether the worker was ended to make room

  // Called with the mutex held; tend() lets go of it while it handles processes.
  void dispatch();
  std::list<Waiter*>::iterator next_waiter();
  Worker take_idle();
  void end(Worker worker, std::string how);
  void keep();
  void tend(std::unique_lock<std::mutex>& lock);
  size_t missing() const;
  void relieve();
  Clock::time_point next_look() const;

  const InspectOptions options_;
  const size_t for_big_;  // workers that big messages may have at a time
  const size_t wanted_;   // workers outside of the slow lane, and places on it
  mutable std::mutex mutex_;
  std::condition_variable work_;     // for the keeper
  std::condition_variable started_;  // for start()
  std::vector<Worker> idle_;         // the last one was used last
  std::list<Busy> busy_;
  std::list<Waiter*> waiting_;
  std::vector<Ended> ended_;
  std::string start_fault_;
  uint64_t restarts_ = 0;
  bool running_ = false;  // all workers were ready once
  bool looks_soon_ = false;  // the keeper will see who waits, and need not be woken for each
  bool stopping_ = false;
  Nursery nursery_;  // the keeper's own
  std::thread keeper_;
};

}  // namespace postern
