// SPDX-License-Identifier: GPL-2.0-or-later
// Leaves the terminal without a service manager: the command that was typed waits until the daemon is ready and ends
// with its status, so that a failed start is seen where it was asked for.
#pragma once

#include "base/fd.h"
#include "base/result.h"

namespace postern {

// Holds the way back to the waiting command; empty in the foreground.
class Detached {
 public:
  Detached() = default;
  // Forks.  Returns in the child only; the parent waits for ready() and exits.  Call before any thread starts.
  static Result<Detached> fork_away();
  // Tells the parent that all is well and lets go of stdin, stdout and stderr.
  void ready();

 private:
  explicit Detached(Fd report) : report_(std::move(report)) {}
  Fd report_;
};

}  // namespace postern
