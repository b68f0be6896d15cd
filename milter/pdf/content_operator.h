// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator of a page's content (ISO 32000-1 table 51) does, as far as pictures and text are concerned.
#pragma once

#include <string_view>

namespace postern {

enum class Does {
  kPath,     // never matters, unless a pattern fills it
  kLook,     // matters to text only: colours, marks, spacing
  kPlace,
  kState,
  kSave,
  kRestore,
  kDraw,
  kFont,     // chooses a font
  kText,     // begins or moves text, so that what is shown next tells its font anew
  kShow,
  kColour,   // its operand may be a pattern
  kMark,     // may begin optional content
  kEndMark,
  kUnknown,  // inline pictures, glyphs, compatibility sections, and what is no operator
};

// kUnknown for what is no operator.
Does meaning(std::string_view name);

}  // namespace postern
