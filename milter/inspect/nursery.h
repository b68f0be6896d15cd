// SPDX-License-Identifier: GPL-2.0-or-later
// Where worker processes begin and end: starts them, waits for their hello, kills and reaps them, without ever
// blocking for one of them.  Belongs to the pool's keeper thread; takes no lock and knows no messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "inspect/inspector.h"
#include "inspect/worker_process.h"

namespace postern {

class Nursery {
 public:
  using Clock = std::chrono::steady_clock;
  using Worker = std::unique_ptr<WorkerProcess>;

  explicit Nursery(const InspectOptions& options) : options_(options) {}
  Status open();  // the program

  // Starts so many workers; after failures it pauses, longer each time, and then does nothing.
  void start(size_t count);
  // Kills a worker and reaps it later; `how` says why for the log, or is empty when it was time.
  void bury(Worker worker, std::string how);
  // Looks at all that is under way: gives back the workers that have become ready.
  std::vector<Worker> look();

  size_t starting() const { return starting_.size(); }
  // When to look again; the end of time if nothing is under way.
  Clock::time_point next_look() const;
  bool pausing() const { return Clock::now() < next_start_; }
  const std::string& fault() const { return fault_; }  // why the last start failed; empty if it did not
  void log_faults() { logging_ = true; }

 private:
  struct Starting {
    Worker worker;
    Clock::time_point since;
  };
  struct Dying {
    Worker worker;
    std::string how;
  };
  void failed(const std::string& reason);

  const InspectOptions options_;
  Fd program_;
  std::vector<Starting> starting_;
  std::vector<Dying> dying_;
  std::string fault_;
  unsigned failures_ = 0;  // in a row
  Clock::time_point next_start_{};
  bool logging_ = false;
};

}  // namespace postern
