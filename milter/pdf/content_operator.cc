// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/content_operator.h"

#include <array>

namespace postern {

namespace {

struct Row {
  std::string_view name;
  Operator op;
};

constexpr Row kRows[] = {
    {"q", {Does::kSave, ""}},
    {"Q", {Does::kRestore, ""}},
    {"cm", {Does::kPlace, "nnnnnn"}},
    {"gs", {Does::kState, "/"}},
    {"Do", {Does::kDraw, "/"}},
    {"Tf", {Does::kFont, "/n"}},
    {"BT", {Does::kText, ""}},
    {"Tm", {Does::kText, "nnnnnn"}},
    {"Tz", {Does::kText, "n"}},
    {"ET", {Does::kEndText, ""}},
    {"Tj", {Does::kShow, "s"}},
    {"'", {Does::kShow, "s"}},
    {"TJ", {Does::kShow, "a"}},
    {"\"", {Does::kShow, "nns"}},
    {"cs", {Does::kSpace, "/"}},
    {"scn", {Does::kColour, "+"}},
    {"SCN", {Does::kColour, "*"}},
    {"BDC", {Does::kMark, "*"}},
    {"BMC", {Does::kMark, "*"}},
    {"EMC", {Does::kEndMark, "*"}},
    {"b", {Does::kPath, "*"}},
    {"B", {Does::kPath, "*"}},
    {"b*", {Does::kPath, "*"}},
    {"B*", {Does::kPath, "*"}},
    {"c", {Does::kPath, "*"}},
    {"d", {Does::kPath, "*"}},
    {"f", {Does::kPath, "*"}},
    {"F", {Does::kPath, "*"}},
    {"f*", {Does::kPath, "*"}},
    {"h", {Does::kPath, "*"}},
    {"i", {Does::kPath, "*"}},
    {"j", {Does::kPath, "*"}},
    {"J", {Does::kPath, "*"}},
    {"l", {Does::kPath, "*"}},
    {"m", {Does::kPath, "*"}},
    {"M", {Does::kPath, "*"}},
    {"n", {Does::kPath, "*"}},
    {"re", {Does::kPath, "*"}},
    {"s", {Does::kPath, "*"}},
    {"S", {Does::kPath, "*"}},
    {"sh", {Does::kPath, "*"}},
    {"v", {Does::kPath, "*"}},
    {"w", {Does::kPath, "*"}},
    {"W", {Does::kPath, "*"}},
    {"W*", {Does::kPath, "*"}},
    {"y", {Does::kPath, "*"}},
    {"G", {Does::kStroke, "n"}},
    {"RG", {Does::kStroke, "nnn"}},
    {"K", {Does::kStroke, "nnnn"}},
    {"SC", {Does::kStroke, "+"}},
    {"CS", {Does::kStroke, "/"}},
    {"MP", {Does::kStroke, "/"}},
    {"ri", {Does::kStroke, "/"}},
    {"DP", {Does::kStroke, "*"}},
    {"g", {Does::kLook, "n"}},
    {"rg", {Does::kLook, "nnn"}},
    {"k", {Does::kLook, "nnnn"}},
    {"sc", {Does::kLook, "+"}},
    {"Tc", {Does::kLook, "n"}},
    {"TL", {Does::kLook, "n"}},
    {"Ts", {Does::kLook, "n"}},
    {"Tw", {Does::kLook, "n"}},
    {"Tr", {Does::kLook, "i"}},
    {"T*", {Does::kMove, ""}},
    {"Td", {Does::kMove, "nn"}},
    {"TD", {Does::kMove, "nn"}},
};

// Each name has a place of its own: content has nothing but operators and numbers.
constexpr unsigned kBits = 8;
constexpr size_t place(uint32_t name) { return name * uint32_t{1830941901} >> (32 - kBits); }

struct Slot {
  uint32_t name = 0;
  Operator op;
};

constexpr std::array<Slot, 1 << kBits> make_table() {
  std::array<Slot, 1 << kBits> table{};
  for (const Row& row : kRows) {
    Slot& slot = table[place(packed(row.name))];
    if (slot.name != 0) throw "two names in one place";  // does not compile
    slot.name = packed(row.name);
    slot.op = row.op;
  }
  return table;
}
constexpr std::array<Slot, 1 << kBits> kTable = make_table();
constexpr Operator kNone;

}  // namespace

const Operator& content_operator(std::string_view name) {
  if (name.empty() || name.size() > 3) return kNone;
  const uint32_t wanted = packed(name);
  const Slot& slot = kTable[place(wanted)];
  return slot.name == wanted ? slot.op : kNone;
}

}  // namespace postern
