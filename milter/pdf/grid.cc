// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/grid.h"

#include <algorithm>
#include <cmath>
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

// Rows of a picture without specks, those that lie in one band of cells.
class Bands {
 public:
  Bands(const Raster& raster, double step)
      : picture_(raster.pixels()), rows_(static_cast<size_t>(step) + 3), width_(raster.width() + kPixelSlack),
        mended_(rows_.size() * width_) {}
  // Rows `from` to `to`, less than three more than the step.  Of two bands one after the other the second one's first
  // row may be the first one's last.
  const std::vector<const uint8_t*>& rows(unsigned from, unsigned to) {
    for (unsigned y = from; y < to; ++y) {
      uint8_t* const room = mended_.data() + y % rows_.size() * width_;
      rows_[y - from] = y + 1 == known_ ? last_ : pixel_loops().despeckle(picture_, y, kSpeck, room);
    }
    known_ = to;
    last_ = rows_[to - from - 1];
    return rows_;
  }

 private:
  const PixelRows picture_;
  std::vector<const uint8_t*> rows_;
  const size_t width_;
  std::vector<uint8_t> mended_;
  unsigned known_ = 0;  // the row before it is the last one
  const uint8_t* last_ = nullptr;
};

}  // namespace

Grid averaged(const Raster& raster) {
  const PixelLoops& loops = pixel_loops();
  const Cells cells(raster.width());
  const double step = static_cast<double>(raster.height()) / kGrid;
  const auto area = static_cast<float>(step * static_cast<double>(raster.width()) / kGrid);
  Bands bands(raster, step);
  std::vector<float> sums(raster.width() + cells.taps + kPixelSlack);
  float* const behind = sums.data() + raster.width();  // where the last cell may have taps, whose parts are none
  Grid grid{};
  for (size_t band = 0; band < kGrid; ++band) {
    const double from = static_cast<double>(band) * step, to = static_cast<double>(band + 1) * step;
    const auto first = static_cast<unsigned>(from);
    const unsigned end = std::min(raster.height(), static_cast<unsigned>(std::ceil(to)));
    const float parts[] = {static_cast<float>(std::min(first + 1.0, to) - from) / area, 1 / area,
                           static_cast<float>(to - (end - 1.0)) / area};
    loops.add_rows(bands.rows(first, end).data(), end - first, parts, raster.width(), sums.data());
    std::fill(behind, behind + kPixelSlack / 4, 0.0F);
    loops.weigh(cells.first.data(), kGrid, cells.parts.data(), cells.taps, sums.data(), grid[band].data());
  }
  return grid;
}

}  // namespace postern
