// SPDX-License-Identifier: GPL-2.0-or-later
// A 5 x 7 dot font for printable ASCII: five columns a character, lowest bit on top.  Unknown characters are blank.
#pragma once

#include <array>
#include <cstdint>

namespace postern::testdata {

const std::array<uint8_t, 5>& glyph(char c);

}  // namespace postern::testdata
