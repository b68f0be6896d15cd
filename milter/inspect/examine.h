// SPDX-License-Identifier: GPL-2.0-or-later
// The worker's job for one message, without the jail around it: MIME walk, report reading, PDF and picture facts.
// A plain function, so that fuzz targets and tests call it directly.  Never throws, never exceeds its limits.
#pragma once

#include "inspect/inspector.h"
#include "policy/facts.h"

namespace postern {

BodyFacts examine(const InspectRequest& request);

}  // namespace postern
