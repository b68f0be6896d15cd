// SPDX-License-Identifier: GPL-2.0-or-later
// Tells a service manager how the daemon fares, in systemd's protocol (sd_notify(3)): datagrams of KEY=VALUE lines to
// the socket that NOTIFY_SOCKET names.  Without one, nothing happens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace postern {

// Sends "READY=1" and the like, with a descriptor for the manager to keep if `fd` is one.  False: there is no
// manager, or it cannot be reached, which is no reason to fail.
bool notify_manager(std::string_view message, int fd = -1);
// "RELOADING=1" with the time stamp that Type=notify-reload asks for.
void notify_reloading();
// How often the manager wants to hear "WATCHDOG=1" (half of WATCHDOG_USEC), if it does.
std::optional<Millis> watchdog_interval();

}  // namespace postern
