// SPDX-License-Identifier: GPL-2.0-or-later
// The loops over pixels in which pictures spend most of their time, once for every processor and once for those with
// wider registers.  Both give the same results, to the last bit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace postern {

// The room behind what a loop is given, where it asks for some.
constexpr size_t kPixelSlack = 64;

// A picture's brightness, row by row; kPixelSlack bytes behind the last one may be read.
struct PixelRows {
  const uint8_t* at;
  unsigned width, height;
  size_t stride;  // bytes from one row to the next
};

// Steps of brightness among so many pixels: those that the eye takes for an edge, and pixels that stand alone.
struct PixelSteps {
  uint64_t pixels = 0, sharp = 0, alone = 0;
};

// out(i, j) = sum over n < `count` of left(n, i) * right(n, j), for i < `rows`, a multiple of four, and j < `columns`,
// a multiple of 16.  left(n, i) stands at left[n * down + i * across], right(n, j) at right[n * columns + j], out(i, j)
// at out[i * step + j].
struct Product {
  const float* left;
  size_t down, across;
  const float* right;
  size_t count, columns;
  float* out;
  size_t rows, step;
};

struct PixelLoops {
  // Row `y` without specks, pixels whose four neighbours all are darker, or all lighter, by more than `than`: the
  // picture's own row, or a copy in `out`, which has room for kPixelSlack pixels more.
  const uint8_t* (*despeckle)(const PixelRows& picture, unsigned y, uint8_t than, uint8_t* out);
  // Sums of `width` columns over `count` rows: the first counts `parts[0]`, the last, if there is more than one,
  // `parts[2]`, those between `parts[1]`.  Rows and sums have room for kPixelSlack pixels or numbers more.
  void (*add_rows)(const uint8_t* const* rows, size_t count, const float* parts, size_t width, float* sums);
  // Each of `cells` becomes the sum of `parts`, `taps` for a cell, times the numbers from `sums[first]` on.  `taps` is
  // a multiple of eight, `cells` of four.
  void (*weigh)(const size_t* first, size_t cells, const float* parts, size_t taps, const float* sums, float* out);
  // Sums of 64 columns over `count` rows of 64 numbers, each row times its weight.
  void (*add_weighted)(const float* rows, const float* weights, size_t count, float* sums);
  // The sum of the differences between `count` numbers, a multiple of eight, and the first of them; and of their
  // squares.
  void (*moments)(const float* numbers, size_t count, float& sum, float& squares);
  void (*multiply)(const Product& product);
  // The number that half of 256 lie below; none is a NaN.
  float (*median)(const float* numbers);
  // Steps of more than `than` from a pixel to the one at its right, in rows 1 to height - 2; those of the outermost
  // `rim_x` and `rim_y` pixels go to `rim`.
  void (*count_steps)(const PixelRows& picture, unsigned rim_x, unsigned rim_y, uint8_t than, PixelSteps& inner,
                      PixelSteps& rim);
  // How many pixels are at most `near` from `paper`; and, in `changes`, how often each row changes between those that
  // are at most `ink` from it, as which it begins, and others.
  uint64_t (*count_ink)(const PixelRows& picture, uint8_t paper, uint8_t near, uint8_t ink, unsigned* changes);
  // The brightness of `count` colours, red, green and blue of each, as Raster::light() has it.
  void (*find_lights)(const uint8_t* colours, size_t count, uint8_t* out);
  // The bins of `count` colours, as Raster::bin() has them, from JPEG's brightness and differences of colour, 0 to 255
  // each.  All have room for kPixelSlack bytes more.
  void (*find_bins)(const int16_t* light, const int16_t* blue, const int16_t* red, size_t count, int16_t* out);
};

// Those for this processor; or for every one.
const PixelLoops& pixel_loops();
const PixelLoops& plain_pixel_loops();

}  // namespace postern
