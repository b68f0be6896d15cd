// SPDX-License-Identifier: GPL-2.0-or-later
// A picture averaged to a small square, whatever its size.  Pure arithmetic on a Raster.
#pragma once

#include <array>
#include <cstddef>

#include "pdf/raster.h"

namespace postern {

constexpr size_t kGrid = 64;  // cells each way
using Grid = std::array<std::array<float, kGrid>, kGrid>;

// The mean brightness of each cell, 0 to 255, row by row from the top, once single specks are taken out.  Cells end
// between pixels, so that a picture and its enlargement have the same means.
Grid averaged(const Raster& raster);

}  // namespace postern
