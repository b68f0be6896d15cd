// SPDX-License-Identifier: GPL-2.0-or-later
// How much of each pixel lies inside an outline.  Edges come in one after the other and none is kept: all that an
// outline takes is one number for each pixel, however many edges a document draws.  An edge costs at most as many
// steps as the picture has rows and columns.  Knows no PDF.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "pdf/document.h"

namespace postern {

class Coverage {
 public:
  // Sides in pixels.
  Coverage(unsigned width, unsigned height);

  // Adds one edge, in pixels from the upper left corner; what lies outside counts as if it stood at the border.  An
  // edge that is not finite is left out.  Edges of one outline make closed lines, in any order.
  void edge(Point from, Point to);

  // Gives each pixel that lies inside, partly at least, to paint(x, y, share), share from 0 to 1, and forgets the
  // outline.  Where outlines lie over one another: even_odd, or the nonzero winding number (ISO 32000-1 8.5.3.3).
  template <class Paint>
  void take(bool even_odd, Paint&& paint) {
    for (unsigned y = top_; y < bottom_; ++y) {
      float* const row = turns_.data() + static_cast<size_t>(y) * stride_;
      float turns = 0;
      for (unsigned x = left_; x < right_; ++x) {
        turns += row[x];
        const float share = inside(turns, even_odd);
        if (x < width_ && share > kLeast) paint(x, y, share);
        row[x] = 0;
      }
    }
    nothing();
  }

 private:
  static constexpr float kLeast = 1.0F / 512;  // less is a matter of rounding

  static float inside(float turns, bool even_odd) {
    const float size = std::fabs(turns);
    if (!even_odd) return std::min(size, 1.0F);
    const float odd = std::fmod(size, 2.0F);
    return odd > 1 ? 2 - odd : odd;
  }
  void in_row(unsigned y, double from, double to, double turns);
  void nothing();

  unsigned width_, height_;
  size_t stride_;  // of a row: what is right of the last pixel has its own places
  // For each pixel: how much the winding number there differs from that of its left neighbour.
  std::vector<float> turns_;
  // Where there is something: rows top_ to bottom_, columns left_ to right_, the last excluded.
  unsigned top_ = 0, bottom_ = 0, left_ = 0, right_ = 0;
};

}  // namespace postern
