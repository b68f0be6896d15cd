// SPDX-License-Identifier: GPL-2.0-or-later
// The worker's job for one message, without the jail around it: MIME walk, report reading, PDF and picture facts.
// A plain function, so that fuzz targets and tests call it directly.  Never throws, never exceeds its limits.
#pragma once

#include "inspect/inspector.h"
#include "inspect/worker.h"
#include "policy/facts.h"

namespace postern {

// Cheapest first: text, attachments and report; then, only where their bytes are found, archives, PDFs, pictures.
// Stops at request.time_limit with what it has and timeout = true.
BodyFacts examine(const InspectRequest& request);
// The same; `before_risk` hears the facts known so far before each step that may crash, hang or eat memory inside a
// library.  There the PDF that is next is already listed, as one whose reading took too long.
BodyFacts examine(const InspectRequest& request, const Progress& before_risk);

}  // namespace postern
