// SPDX-License-Identifier: GPL-2.0-or-later
// A small grey picture with a count of its colours: what is left of a picture once it has been decoded, whatever
// its format was.  Facts about what the picture looks like are read off here; no decoder is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "pdf/pixel_loops.h"
#include "policy/facts.h"

namespace postern {

struct Rgb {
  uint8_t red, green, blue;
};

class Raster {
 public:
  // Its rows are to be written, all of them, or up to where blank_from() begins.
  Raster(unsigned width, unsigned height);
  unsigned width() const { return width_; }
  unsigned height() const { return height_; }
  size_t size() const { return static_cast<size_t>(width_) * height_; }  // pixels
  uint8_t at(unsigned x, unsigned y) const { return row(y)[x]; }
  PixelRows pixels() const { return {luma_.get(), width_, height_, stride_}; }
  // There is room for kMoreColumns pixels behind each row, and for kMoreRows rows below the last: JPEG's decoder writes
  // whole blocks.
  static constexpr unsigned kMoreColumns = 8, kMoreRows = 32;
  const uint8_t* row(unsigned y) const { return luma_.get() + y * stride_; }
  uint8_t* row(unsigned y) { return luma_.get() + y * stride_; }
  // Makes all rows from this one on black.
  void blank_from(unsigned y);
  // Writes a row whose pixel `x` is as bright as `light(x)` and looks like `colour(x)`; some colours are counted.
  template <class Light, class Colour>
  void put_row(unsigned y, Light light, Colour colour) {
    uint8_t* const out = row(y);
    for (unsigned x = 0, width = width_; x < width; ++x) out[x] = light(x);
    count_row(y, colour);
  }
  // Counts colours of a row whose brightness is written.
  template <class Colour>
  void count_row(unsigned y, Colour colour) {
    if (y % colour_step_ != 0) return;
    bins_.resize((width_ + colour_step_ - 1) / colour_step_);
    unsigned x = 0;
    for (int16_t& each : bins_) {
      const Rgb found = colour(x);
      each = bin(found.red, found.green, found.blue);
      x += colour_step_;
    }
    count_colours(bins_.data(), bins_.size());
  }
  // The same from its colours alone.
  template <class Colour>
  void put_colours(unsigned y, Colour colour) {
    put_row(y, [colour](unsigned x) { return light(colour(x)); }, colour);
  }
  void put_row(unsigned y, const Rgb* colours);
  // How bright a colour is: ITU-R BT.601 weights, as JPEG's own luma has them.
  static constexpr uint8_t light(const Rgb& of) {
    return static_cast<uint8_t>((of.red * 77 + of.green * 150 + of.blue * 29) >> 8);
  }
  // For who writes rows of brightness: in every so many rows, every so many pixels' colours are to be counted.
  unsigned colour_step() const { return colour_step_; }
  // `count` colours, as bin() has them.
  void count_colours(const int16_t* bins, size_t count);
  // The 4 highest bits of red, green and blue.
  static constexpr int16_t bin(unsigned red, unsigned green, unsigned blue) {
    return static_cast<int16_t>((red >> 4) << 8 | (green >> 4) << 4 | blue >> 4);
  }
  // Colours (4 bits of red, green and blue) that fill at least a thousandth of the picture each.
  uint64_t colours() const;

 private:
  unsigned width_;
  unsigned height_;
  size_t stride_;  // bytes from one row to the next
  std::unique_ptr<uint8_t[]> luma_;
  unsigned colour_step_;  // no divisor of JPEG's blocks
  std::vector<uint32_t> colour_counts_;
  size_t coloured_ = 0;
  std::vector<int16_t> bins_;  // of a row
};

// Fills colours, paper, edges, dots, border_noise, text_lines and line_height, and sets decoded.
void describe(const Raster& raster, ImageFacts& facts);

}  // namespace postern
