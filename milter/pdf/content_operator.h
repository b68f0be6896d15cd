// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator of a page's content (ISO 32000-1 table 51) does, as far as pictures and text are concerned.
#pragma once

#include <cstdint>
#include <string_view>

namespace postern {

enum class Does {
  kPath,     // never matters, unless a pattern fills it
  kStroke,   // how lines look, and points that are marked: never matters where it is written as it should be
  kLook,     // matters to text only: colours, spacing
  kMove,     // moves to where the next text stands, if that can be told without a font
  kPlace,
  kState,
  kSave,
  kRestore,
  kDraw,
  kFont,     // chooses a font
  kText,     // begins or moves text, so that what is shown next tells its font anew
  kEndText,
  kShow,
  kSpace,    // chooses a colour space
  kColour,   // its operand may be a pattern
  kMark,     // may begin optional content
  kEndMark,
  kUnknown,  // inline pictures, glyphs, compatibility sections, and what is no operator
};

struct Operator {
  Does does = Does::kUnknown;
  // The operands that it takes: n a number, i an integer, / a name, s a string, a an array of numbers and strings;
  // "+" one to four numbers, "*" anything.
  std::string_view operands;
};

// A name of at most three characters, as a number for `switch`.
constexpr uint32_t packed(std::string_view name) {
  uint32_t out = 0;
  for (const char c : name) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// kUnknown for what is no operator.
const Operator& content_operator(std::string_view name);

}  // namespace postern
