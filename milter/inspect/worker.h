// SPDX-License-Identifier: GPL-2.0-or-later
// The life of one worker process: close the jail, say hello, then answer one request after the other on descriptor
// kJailChannel until the daemon closes it.  Trusts the daemon, not the messages.
#pragma once

#include <functional>

#include "inspect/inspector.h"
#include "policy/facts.h"

namespace postern {

// Called by a job before a step that may not come back, with the facts known so far.
using Progress = std::function<void(const BodyFacts&)>;
// What a worker does with a message: examine(), or something else in tests.
using Job = std::function<BodyFacts(const InspectRequest&, const Progress&)>;

// main() of a worker: argv[1] is the memory limit in bytes.  Returns the exit status: 0 when the daemon closed the
// channel or the worker retired, 64 for a wrong call by hand, 70 if the jail could not be closed.
int run_worker(int argc, char** argv, const Job& job);

}  // namespace postern
