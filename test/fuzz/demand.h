// SPDX-License-Identifier: GPL-2.0-or-later
// What fuzz targets check with: a demand that is not met is a finding.
#pragma once

#include <cstdlib>

inline void demand(bool condition) {
  if (!condition) std::abort();
}

inline bool is_share(double value) { return value >= 0 && value <= 1; }
