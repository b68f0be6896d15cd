// SPDX-License-Identifier: GPL-2.0-or-later
// The pool behind start_inspector(): idle workers, a queue of threads that wait for one, and one keeper thread that
// starts, replaces, slows down and buries worker processes.  Holds no message.
//
// A message that keeps its worker long must not make the others wait.  While somebody waits, a worker that has been
// busy for kSlowAfter is put on the slow lane: it gets the lowest priority, a fresh worker takes its place in the
// pool, and it ends after its message.  The slow lane holds as many workers as the pool; when it is full, the one
// that has been there longest is ended early, and its message keeps the facts found until then.
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

#include "base/fd.h"
#include "inspect/inspector.h"
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
  using Clock = std::chrono::steady_clock;
  using Worker = std::unique_ptr<WorkerProcess>;
  struct Busy {
    WorkerProcess* worker;
    Clock::time_point since;
    bool slow = false;
    bool cut = false;  // ended early to make room
  };
  struct Waiter {
    std::condition_variable ready;
    Worker worker;
  };
  struct Ended {
    Worker worker;
    std::string how;  // empty: it retired
  };

  // Called by those who inspect.
  Worker take(Deadline deadline);
  bool settle(Worker worker, const WorkerProcess::Reply& reply);  // whether the worker was ended to make room

  // Called with the mutex held; those that take the lock let go of it while they wait for a process.
  Worker take_idle();
  void give(Worker worker);
  void end(Worker worker, std::string how);
  size_t missing() const;
  void keep();
  void bury(std::unique_lock<std::mutex>& lock);
  void replenish(std::unique_lock<std::mutex>& lock);
  void start_failed(const std::string& reason);
  void relieve();
  Clock::time_point next_look() const;

  const InspectOptions options_;
  const size_t wanted_;  // workers outside of the slow lane, and places on it
  Fd program_;
  mutable std::mutex mutex_;
  std::condition_variable work_;     // for the keeper
  std::condition_variable started_;  // for start()
  std::vector<Worker> idle_;         // the last one was used last
  std::list<Busy> busy_;
  std::list<Waiter*> waiting_;
  std::vector<Ended> ended_;
  std::string start_fault_;
  uint64_t restarts_ = 0;
  unsigned failed_starts_ = 0;  // in a row
  Clock::time_point next_start_{};
  bool running_ = false;  // all workers were ready once
  bool stopping_ = false;
  std::thread keeper_;
};

}  // namespace postern
