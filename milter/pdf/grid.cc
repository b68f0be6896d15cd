// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/grid.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "pdf/pixel_loops.h"

namespace postern {

namespace {

constexpr uint8_t kSpeck = 20;
constexpr size_t kTaps = 8;  // a cell has a multiple of them

// How the pixels of a row are shared out among cells.  All cells have as many, so that nobody needs to guess where
// one ends; those that are too many have no part in them.
struct Cells {
  explicit Cells(size_t width);
  std::array<size_t, kGrid> first{};  // pixel of each cell
  size_t taps;                        // pixels of a cell, a multiple of kTaps
  std::vector<float> parts;           // 0 to 1; taps of the first cell, of the second...
};

Cells::Cells(size_t width)
    : taps((width / kGrid + 1 + kTaps) / kTaps * kTaps), parts(kGrid * taps) {
  const double step = static_cast<double>(width) / kGrid;
  for (size_t cell = 0; cell < kGrid; ++cell) {
    const double from = static_cast<double>(cell) * step, to = static_cast<double>(cell + 1) * step;
    first[cell] = static_cast<size_t>(from);
    for (size_t tap = 0; tap < taps; ++tap) {
      const auto at = static_cast<double>(first[cell] + tap);
      parts[cell * taps + tap] = static_cast<float>(std::max(0.0, std::min(at + 1, to) - std::max(at, from)));
    }
  }
}

}  // namespace

Grid averaged(const Raster& raster) {
  const PixelLoops& loops = pixel_loops();
  const Cells cells(raster.width());
  const double step = static_cast<double>(raster.height()) / kGrid;
  const auto area = static_cast<float>(step * static_cast<double>(raster.width()) / kGrid);
  std::vector<uint8_t> mended(raster.width() + kPixelSlack);
  std::vector<float> sums(raster.width() + cells.taps);  // the last cell may have taps behind the picture
  Grid grid{};
  unsigned y = 0;
  const uint8_t* row = nullptr;  // of y, if it is known
  for (size_t band = 0; band < kGrid; ++band) {
    const double from = static_cast<double>(band) * step, to = static_cast<double>(band + 1) * step;
    std::fill(sums.begin(), sums.end(), 0.0F);
    while (y < raster.height() && static_cast<double>(y) < to) {
      if (row == nullptr) row = loops.despeckle(raster.pixels(), y, kSpeck, mended.data());
      const double part = std::min(static_cast<double>(y + 1), to) - std::max(static_cast<double>(y), from);
      loops.add_row(row, static_cast<float>(part) / area, sums.data(), raster.width());
      if (static_cast<double>(y + 1) > to) break;  // the next band has the rest of it
      row = nullptr;
      ++y;
    }
    loops.weigh(cells.first.data(), kGrid, cells.parts.data(), cells.taps, sums.data(), grid[band].data());
  }
  return grid;
}

}  // namespace postern
