// SPDX-License-Identifier: GPL-2.0-or-later
// Looks for PDFs inside zip archives, by libzip, from memory.  Opens only what starts like a PDF or like another
// archive, within limits on entries, sizes, expansion and nesting.  Never throws but std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace postern {

struct ArchiveLimits {
  unsigned depth = 2;                         // archives inside each other
  unsigned entries = 256;                     // looked at, over all archives
  uint64_t entry_bytes = uint64_t{16} << 20;  // of one entry that is opened
  uint64_t all_bytes = uint64_t{32} << 20;    // over all entries
  uint64_t ratio = 200;                       // expansion of an entry of more than 1 MiB
};

struct ArchiveSummary {
  bool limited = false;   // a limit was reached
  unsigned unopened = 0;  // archives and entries that could not be read: encrypted, damaged, of another kind
};

using FoundPdf = std::function<void(std::string name, std::string bytes)>;
ArchiveSummary find_in_zip(std::string_view bytes, const ArchiveLimits& limits, Deadline deadline,
                           const FoundPdf& found);

}  // namespace postern
