// SPDX-License-Identifier: GPL-2.0-or-later
// From the settings to what a store needs to know.
#pragma once

#include "conf/settings.h"
#include "store/store.h"

namespace postern {

inline StoreOptions store_options(const Settings& settings) {
  StoreOptions options;
  options.redis = settings.redis;
  options.tables_directory = settings.tables_directory;
  options.state_directory = settings.state_directory;
  options.node = settings.node;
  options.connect_timeout = settings.redis_connect_timeout;
  options.command_timeout = settings.redis_command_timeout;
  options.track_life = settings.track_life;
  options.default_rules = settings.default_rules;
  return options;
}

}  // namespace postern
