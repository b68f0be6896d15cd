// SPDX-License-Identifier: GPL-2.0-or-later
// What judging needs from around it, shared by the daemon and `postern scan`.  Knows no libmilter.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "conf/settings.h"
#include "inspect/inspector.h"
#include "judge/meter.h"
#include "store/store.h"

namespace postern {

using SettingsPtr = std::shared_ptr<const Settings>;

// Settings that a reload may replace while other threads read them.  (libstdc++ 12's atomic<shared_ptr> is one the
// thread sanitizer cannot follow; a lock that is held for a copy costs as little.)
class SharedSettings {
 public:
  SharedSettings& operator=(SettingsPtr settings) {
    const std::lock_guard<std::mutex> lock(mutex_);
    settings_.swap(settings);
    return *this;
  }
  SettingsPtr load() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return settings_;
  }

 private:
  mutable std::mutex mutex_;
  SettingsPtr settings_;
};

// Outlives every session.  `settings` is swapped by a reload; a session keeps the one it started with.
struct Judge {
  SharedSettings settings;
  Store* store = nullptr;
  Inspector* inspector = nullptr;
  bool every_picture = false;  // decode them all, also where nothing can come of it: for eyes that want the facts
  Meter* meter = nullptr;  // none: nobody counts
  std::function<UnixTime()> now = unix_now;
};

}  // namespace postern
