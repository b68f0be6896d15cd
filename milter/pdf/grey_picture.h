// SPDX-License-Identifier: GPL-2.0-or-later
// Plain brightness, as it leaves the jail.  Knows no decoder, so both sides of the jail may include it.
#pragma once

#include <cstddef>
#include <string>

namespace postern {

struct GreyPicture {
  static constexpr unsigned kMostSide = 512;  // pixels each way
  unsigned width = 0;
  unsigned height = 0;
  std::string pixels;  // width * height bytes, row by row from the top, 0 is black
  bool empty() const { return pixels.empty(); }
};

}  // namespace postern
