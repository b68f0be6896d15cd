// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's end of one worker: starts the process, puts one question at a time, ends it.  Takes every byte that
// comes back for hostile.  Never logs and never starts a second process by itself; the pool does.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "inspect/inspector.h"
#include "inspect/record.h"
#include "inspect/window.h"
#include "policy/facts.h"

namespace postern {

class WorkerProcess {
 public:
  // Starts `program` (a descriptor opened for it, so that an upgrade on disk does not change what runs; `path` is for
  // systems without /proc).  The process dies with the calling THREAD (PR_SET_PDEATHSIG), so let it live long.
  static Result<std::unique_ptr<WorkerProcess>> start(const Fd& program, const std::string& path, uint64_t memory);
  // Kills and reaps.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // Waits until the worker says that its jail is closed.
  Status wait_ready(Deadline deadline);
  // Whether an idle worker still waits for a question.
  bool alive() const;

  enum class Outcome {
    kAnswered,  // facts are complete
    kRetiring,  // facts are complete, and the worker ends
    kDied,      // it closed the channel
    kLate,      // the deadline passed
    kNonsense   // it broke the protocol
  };
  struct Reply {
    Outcome outcome = Outcome::kDied;
    std::optional<BodyFacts> facts;  // with other outcomes than the first two: what it said before a risky step
    std::string fault;               // kNonsense: what was wrong
  };
  // Any thread, one at a time.  `limit` is the worker's own time limit; it should be shorter than the deadline. After
  // another outcome than kAnswered the worker is of no more use.
  Reply ask(const InspectRequest& request, Millis limit, Deadline deadline);

  // Ends the process; safe while another thread is in ask(), which then returns kDied.
  void kill();
  // Lowers its priority, once and for all.
  void renice();
  // Waits for the end of a process that was killed or closed the channel, and says how it ended: "signal 11".
  std::string reap();
  std::optional<std::string> try_reap();  // the same, but nothing if it has not ended yet
  pid_t pid() const { return pid_; }

 private:
  WorkerProcess(Fd channel, RequestWindow window, pid_t pid);
  std::optional<std::string> reap(int options);
  bool send(const InspectRequest& request, Millis limit, Deadline deadline);
  enum class Wait { kReady, kClosed, kLate };
  Wait wait_for(short events, Deadline deadline) const;
  Wait receive(Deadline deadline);
  std::string_view received() const { return {buffer_.data(), used_}; }
  void take(size_t bytes);
  struct Progress {
    GreyPicture* thumbnail;  // where it is wanted
    bool asked = false;      // the worker has asked which pictures to decode
    unsigned interim = 0;    // records taken
  };
  Reply read_reply(const InspectRequest& request, Deadline deadline);
  bool take_answer(const Answer& got, const InspectRequest& request, Progress& progress, Reply& reply,
                   Deadline deadline);
  static bool nonsense(Reply& reply, std::string fault);
  bool answer_ask(const InspectRequest& request, BodyFacts& facts, Deadline deadline);
  bool send_all(std::string_view head, std::string_view second, std::string_view third, Deadline deadline);

  Fd channel_;
  RequestWindow window_;
  pid_t pid_;
  bool reaped_ = false;
  std::vector<char> buffer_;
  size_t used_ = 0;  // bytes of the buffer that were received and not yet taken
};

}  // namespace postern
