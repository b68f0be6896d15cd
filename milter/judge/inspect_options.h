// SPDX-License-Identifier: GPL-2.0-or-later
// From the settings to what the inspector pool needs to know.
#pragma once

#include <algorithm>
#include <thread>

#include "conf/settings.h"
#include "inspect/inspector.h"

namespace postern {

inline InspectOptions inspect_options(const Settings& settings) {
  InspectOptions options;
  options.program = find_inspector();
  options.workers = settings.inspect_workers != 0 ? static_cast<unsigned>(settings.inspect_workers)
                                                  : std::max(1U, std::thread::hardware_concurrency());
  options.timeout = settings.inspect_timeout;
  options.memory = settings.inspect_memory;
  return options;
}

}  // namespace postern
