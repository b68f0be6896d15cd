// SPDX-License-Identifier: GPL-2.0-or-later
// `postern pdf FILE`: what the inspector sees in a PDF, and what the rules make of it.
#pragma once

#include <string>

#include "cli/commands.h"

namespace postern {

struct PdfOptions {
  std::string file;
  std::string thumbnail;  // a PNG to write; empty: none
};

// `file` is a PDF, which is judged as the only attachment of a blank mail, or a message; "-" is standard input.  Exit
// status 0 when it is clean, 1 when not, 2 when there is no PDF, or no thumbnail of it although one is wanted.
int run_pdf(const CommandContext& context, const PdfOptions& options);

}  // namespace postern
