// SPDX-License-Identifier: GPL-2.0-or-later
// SIGTERM, SIGINT and SIGHUP as events of the main loop.  libmilter starts a thread that waits for the same signals
// and stops everything on SIGHUP; the kernel gives a signal to the main thread when that one does not block it, so
// the main thread keeps these three open and blocks all others, and every other thread blocks all.
#pragma once

#include "base/clock.h"
#include "base/result.h"

namespace postern {

enum class Event { kNone, kReload, kStop };

// Call in the main thread before any other thread starts.
Status watch_signals();
// Call first in each thread that the daemon starts itself.
void block_all_signals();
// Waits in the main thread for the next event, at most `limit`.
Event next_event(Millis limit);
// Makes next_event() return at once with kStop; any thread.
void request_stop();

}  // namespace postern
