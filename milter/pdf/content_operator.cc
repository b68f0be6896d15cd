// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/content_operator.h"

namespace postern {

namespace {

struct Row {
  std::string_view name;
  Does does = Does::kUnknown;
  std::string_view operands;  // as operand_kind() has them; "+" one to four numbers, "*" anything
};

constexpr Row kRows[] = {
    {"q", Does::kSave, ""},
    {"Q", Does::kRestore, ""},
    {"cm", Does::kPlace, "nnnnnn"},
    {"gs", Does::kState, "/"},
    {"Do", Does::kDraw, "/"},
    {"Tf", Does::kFont, "/n"},
    {"BT", Does::kText, ""},
    {"Tm", Does::kText, "nnnnnn"},
    {"Tz", Does::kText, "n"},
    {"ET", Does::kEndText, ""},
    {"Tj", Does::kShow, "s"},
    {"'", Does::kShow, "s"},
    {"TJ", Does::kShow, "a"},
    {"\"", Does::kShow, "nns"},
    {"cs", Does::kSpace, "/"},
    {"scn", Does::kColour, "+"},
    {"SCN", Does::kColour, "*"},
    {"BDC", Does::kMark, "*"},
    {"BMC", Does::kMark, "*"},
    {"EMC", Does::kEndMark, "*"},
    {"b", Does::kPath, "*"},
    {"B", Does::kPath, "*"},
    {"b*", Does::kPath, "*"},
    {"B*", Does::kPath, "*"},
    {"c", Does::kPath, "*"},
    {"d", Does::kPath, "*"},
    {"f", Does::kPath, "*"},
    {"F", Does::kPath, "*"},
    {"f*", Does::kPath, "*"},
    {"h", Does::kPath, "*"},
    {"i", Does::kPath, "*"},
    {"j", Does::kPath, "*"},
    {"J", Does::kPath, "*"},
    {"l", Does::kPath, "*"},
    {"m", Does::kPath, "*"},
    {"M", Does::kPath, "*"},
    {"n", Does::kPath, "*"},
    {"re", Does::kPath, "*"},
    {"s", Does::kPath, "*"},
    {"S", Does::kPath, "*"},
    {"sh", Does::kPath, "*"},
    {"v", Does::kPath, "*"},
    {"w", Does::kPath, "*"},
    {"W", Does::kPath, "*"},
    {"W*", Does::kPath, "*"},
    {"y", Does::kPath, "*"},
    {"G", Does::kStroke, "n"},
    {"RG", Does::kStroke, "nnn"},
    {"K", Does::kStroke, "nnnn"},
    {"SC", Does::kStroke, "+"},
    {"CS", Does::kStroke, "/"},
    {"MP", Does::kStroke, "/"},
    {"ri", Does::kStroke, "/"},
    {"DP", Does::kStroke, "*"},
    {"g", Does::kLook, "n"},
    {"rg", Does::kLook, "nnn"},
    {"k", Does::kLook, "nnnn"},
    {"sc", Does::kLook, "+"},
    {"Tc", Does::kLook, "n"},
    {"TL", Does::kLook, "n"},
    {"Ts", Does::kLook, "n"},
    {"Tw", Does::kLook, "n"},
    {"Tr", Does::kLook, "i"},
    {"T*", Does::kMove, ""},
    {"Td", Does::kMove, "nn"},
    {"TD", Does::kMove, "nn"},
};

constexpr Operator made_of(const Row& row) {
  Operator out{packed(row.name), row.does};
  if (row.operands == "*") {
    out.most = kMostOperands;
  } else if (row.operands == "+") {
    out.least = 1;
    out.most = 4;
    out.relevant = kNotANumber * 0x01010101;
  } else {
    out.least = out.most = static_cast<uint8_t>(row.operands.size());
    for (const char kind : row.operands) {
      out.relevant = out.relevant << 8 | (kind == 'n' ? kNotANumber : 0xff);
      out.kinds = out.kinds << 8 | (kind == 'n' ? 0 : operand_kind(kind));
    }
  }
  return out;
}

constexpr std::array<Operator, 1 << kOperatorBits> make_table() {
  std::array<Operator, 1 << kOperatorBits> table{};
  for (const Row& row : kRows) {
    Operator& slot = table[operator_place(packed(row.name))];
    if (slot.name != 0) throw "two names in one place";  // does not compile
    slot = made_of(row);
  }
  return table;
}

}  // namespace

constexpr std::array<Operator, 1 << kOperatorBits> kOperatorTable = make_table();
constexpr Operator kNoOperator;

}  // namespace postern
