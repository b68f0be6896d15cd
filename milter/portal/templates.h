// SPDX-License-Identifier: GPL-2.0-or-later
// The files of milter/portal/templates as the build put them into the program.
#pragma once

namespace postern {

struct EmbeddedPage {
  const char* name;
  const char* text;
};
// Ends with a null name.
const EmbeddedPage* embedded_pages();

}  // namespace postern
