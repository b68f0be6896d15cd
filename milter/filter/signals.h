// SPDX-License-Identifier: GPL-2.0-or-later
// SIGTERM, SIGINT, SIGHUP and SIGUSR2 as events of the main loop.  The main thread keeps these open and blocks all
// others; every other thread blocks all, so that the kernel gives them to the main thread and nobody else.
#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace postern {

enum class Event { kNone, kReload, kUpgrade, kStop };

// Call in the main thread before any other thread starts.
Status watch_signals();
// Call first in each thread that the daemon starts itself.
void block_all_signals();
// Waits in the main thread for the next event, at most `limit`.
Event next_event(Millis limit);
// Makes next_event() return at once with kStop; any thread.
void request_stop();

}  // namespace postern
