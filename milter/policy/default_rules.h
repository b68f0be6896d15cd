// SPDX-License-Identifier: GPL-2.0-or-later
// The files of rules/ as they were when the program was built.  The other half is made by rules/embed.awk.
#pragma once

namespace postern {

struct EmbeddedFile {
  const char* path;  // "rules/pdf.rules"
  const char* text;
};
// Ends with a null path.
const EmbeddedFile* embedded_rules();

}  // namespace postern
