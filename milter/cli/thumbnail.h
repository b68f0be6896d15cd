// SPDX-License-Identifier: GPL-2.0-or-later
// `postern pdf --thumbnail`: has the jailed inspector lay out page 1, and writes what comes back as a PNG.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "inspect/inspector.h"

namespace postern {

// Page 1 of the first PDF of `message` (header and body) that shows something there, into a new file `path`.  Fails,
// and leaves no file, when there is nothing to show (the text says why), or when `path` is there already.
Status write_thumbnail(Inspector& inspector, std::string_view message, const std::string& path, Deadline deadline);

}  // namespace postern
