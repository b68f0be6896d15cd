// SPDX-License-Identifier: GPL-2.0-or-later
// A small grey picture with a count of its colours: what is left of a picture once it has been decoded, whatever
// its format was.  Facts about what the picture looks like are read off here; no decoder is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "policy/facts.h"

namespace postern {

class Raster {
 public:
  Raster(unsigned width, unsigned height);
  unsigned width() const { return width_; }
  unsigned height() const { return height_; }
  uint8_t at(unsigned x, unsigned y) const { return luma_[static_cast<size_t>(y) * width_ + x]; }
  const uint8_t* row(unsigned y) const { return luma_.data() + static_cast<size_t>(y) * width_; }
  uint8_t* row(unsigned y) { return luma_.data() + static_cast<size_t>(y) * width_; }
  void set(unsigned x, unsigned y, uint8_t red, uint8_t green, uint8_t blue) {
    // ITU-R BT.601 weights, as JPEG's own luma has them.
    row(y)[x] = static_cast<uint8_t>((red * 77 + green * 150 + blue * 29) >> 8);
    if (y % colour_step_ == 0 && x % colour_step_ == 0) count_colour(red, green, blue);
  }
  // For who writes rows of brightness: every so many rows and columns a pixel's colour is to be counted.
  unsigned colour_step() const { return colour_step_; }
  void count_colour(uint8_t red, uint8_t green, uint8_t blue) {
    ++colour_counts_[static_cast<size_t>((red >> 4) << 8 | (green >> 4) << 4 | blue >> 4)];
    ++coloured_;
  }
  // Colours (4 bits of red, green and blue) that fill at least a thousandth of the picture each.
  uint64_t colours() const;

 private:
  unsigned width_;
  unsigned height_;
  std::vector<uint8_t> luma_;
  unsigned colour_step_;  // no divisor of JPEG's blocks
  std::vector<uint32_t> colour_counts_;
  size_t coloured_ = 0;
};

// Fills colours, paper, edges, dots, border_noise, text_lines and line_height, and sets decoded.
void describe(const Raster& raster, ImageFacts& facts);

}  // namespace postern
