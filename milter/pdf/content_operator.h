// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator of a page's content (ISO 32000-1 table 51) does, as far as pictures and text are concerned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern {

enum class Does : uint8_t {
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

// The kinds of an operator's operands, each a byte, the last one lowest: 'n' a number, 'i' an integer, '/' a name,
// 's' a string, 'a' an array of numbers and strings, '?' something else.  Numbers, and they alone, are below 8.
using OperandKinds = uint64_t;
constexpr OperandKinds operand_kind(char kind) { return static_cast<unsigned char>(kind ^ 'h'); }
constexpr size_t kMostOperands = 32;  // that Poppler takes
constexpr OperandKinds kNotANumber = 0xf8;

struct Operator {
  uint32_t name = 0;  // packed
  Does does = Does::kUnknown;
  uint8_t least = 0, most = 0;          // operands that it takes, and
  OperandKinds relevant = 0, kinds = 0;  // which bits of their kinds matter and what they must be

  bool takes(OperandKinds given, size_t count) const {
    return count >= least && count <= most && (given & relevant) == kinds;
  }
};

// A name of at most three characters, as a number for `switch`.
constexpr uint32_t packed(std::string_view name) {
  uint32_t out = 0;
  for (const char c : name) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// Each operator has a place of its own in a table: content has nothing but operators and numbers.
constexpr unsigned kOperatorBits = 8;
constexpr size_t operator_place(uint32_t name) { return name * uint32_t{1830941901} >> (32 - kOperatorBits); }
extern const std::array<Operator, 1 << kOperatorBits> kOperatorTable;
extern const Operator kNoOperator;

// By its packed name; kUnknown for what is no operator.
inline const Operator& content_operator(uint32_t name) {
  const Operator& found = kOperatorTable.data()[operator_place(name)];
  return found.name == name ? found : kNoOperator;
}

}  // namespace postern
