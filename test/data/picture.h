// SPDX-License-Identifier: GPL-2.0-or-later
// Small pictures for the test data generator: drawing, a 5x7 font, the distortions that image spam used, encoders.
// Only for tests; nothing here is linked into Postern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "test/data/random.h"

namespace postern::testdata {

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
};

class Picture {
 public:
  Picture(int width, int height, Colour background);
  int width() const { return width_; }
  int height() const { return height_; }
  Colour at(int x, int y) const;
  void set(int x, int y, Colour colour);  // outside: nothing happens
  void rectangle(int x, int y, int width, int height, Colour colour);
  void line(int x0, int y0, int x1, int y1, int thickness, Colour colour);
  // Draws one line of ASCII; a character is 5 x 7 dots of `scale` pixels, and advances by 6.
  void text(int x, int y, double scale, Colour colour, std::string_view words);
  const std::vector<uint8_t>& bytes() const { return pixels_; }  // RGB, rows from the top

 private:
  int width_;
  int height_;
  std::vector<uint8_t> pixels_;
};

// Distortions.  Fractions are of all pixels, or of the width.
void add_dots(Picture& picture, double fraction, Random& random);
void add_border(Picture& picture, double width, Random& random);
void shift_colours(Picture& picture, int amount, Random& random);
void add_noise(Picture& picture, int amount, Random& random);
Picture scaled(const Picture& picture, double factor);
Picture cropped(const Picture& picture, double fraction);
Picture cut(const Picture& picture, int x, int y, int width, int height);
// Soft coloured shapes and grain: reads like a photograph.
Picture photograph(int width, int height, Random& random);

enum class Tone { kColour, kGrey };
std::string encode_jpeg(const Picture& picture, int quality, Tone tone = Tone::kColour, bool progressive = false);
// Black and white, 1 bit a pixel, rows padded to bytes, 1 = white.
std::string bilevel(const Picture& picture);
std::string rgb(const Picture& picture);

}  // namespace postern::testdata
