// SPDX-License-Identifier: GPL-2.0-or-later
// What judging needs from around it, shared by the daemon and `postern scan`.  Knows no libmilter.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "conf/settings.h"
#include "inspect/inspector.h"
#include "store/store.h"

namespace postern {

using SettingsPtr = std::shared_ptr<const Settings>;

// Outlives every session.  `settings` is swapped by a reload; a session keeps the one it started with.
struct Judge {
  std::atomic<SettingsPtr> settings;
  Store* store = nullptr;
  Inspector* inspector = nullptr;
  std::function<UnixTime()> now = unix_now;
};

}  // namespace postern
