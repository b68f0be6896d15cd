// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/content_operator.h"

#include <cstdint>

namespace postern {
namespace {

// A name of at most three characters.
constexpr uint32_t packed(std::string_view name) {
  uint32_t out = 0;
  for (const char c : name) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

}  // namespace

Does meaning(std::string_view name) {
  if (name.size() > 3) return Does::kUnknown;
  switch (packed(name)) {
    case packed("q"):
      return Does::kSave;
    case packed("Q"):
      return Does::kRestore;
    case packed("cm"):
      return Does::kPlace;
    case packed("gs"):
      return Does::kState;
    case packed("Do"):
      return Does::kDraw;
    case packed("Tf"):
      return Does::kFont;
    case packed("BT"): case packed("Tm"): case packed("Tz"):
      return Does::kText;
    case packed("Tj"): case packed("TJ"): case packed("'"): case packed("\""):
      return Does::kShow;
    case packed("scn"): case packed("SCN"):
      return Does::kColour;
    case packed("BDC"): case packed("BMC"):
      return Does::kMark;
    case packed("EMC"):
      return Does::kEndMark;
    case packed("b"): case packed("B"): case packed("b*"): case packed("B*"): case packed("c"): case packed("d"):
    case packed("f"): case packed("F"): case packed("f*"): case packed("h"): case packed("i"): case packed("j"):
    case packed("J"): case packed("l"): case packed("m"): case packed("M"): case packed("n"): case packed("re"):
    case packed("s"): case packed("S"): case packed("sh"): case packed("v"): case packed("w"): case packed("W"):
    case packed("W*"): case packed("y"):
      return Does::kPath;
    case packed("cs"): case packed("CS"): case packed("DP"): case packed("ET"): case packed("g"):
    case packed("G"): case packed("k"): case packed("K"): case packed("MP"): case packed("rg"): case packed("RG"):
    case packed("ri"): case packed("sc"): case packed("SC"): case packed("T*"): case packed("Tc"): case packed("Td"):
    case packed("TD"): case packed("TL"): case packed("Tr"): case packed("Ts"): case packed("Tw"):
      return Does::kLook;
    default:
      return Does::kUnknown;
  }
}

}  // namespace postern
