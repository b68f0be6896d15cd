// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include "test/data/font.h"

namespace postern::testdata {

namespace {

uint8_t clamp_byte(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

}  // namespace

Picture::Picture(int width, int height, Colour background)
    : width_(width), height_(height), pixels_(static_cast<size_t>(width) * static_cast<size_t>(height) * 3) {
  rectangle(0, 0, width, height, background);
}

Colour Picture::at(int x, int y) const {
  x = std::clamp(x, 0, width_ - 1);
  y = std::clamp(y, 0, height_ - 1);
  const uint8_t* p = &pixels_[(static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x)) * 3];
  return {p[0], p[1], p[2]};
}

void Picture::set(int x, int y, Colour colour) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  uint8_t* p = &pixels_[(static_cast<size_t>(y) * static_cast<size_t>(width_) + static_cast<size_t>(x)) * 3];
  p[0] = colour.red;
  p[1] = colour.green;
  p[2] = colour.blue;
}

void Picture::rectangle(int x, int y, int width, int height, Colour colour) {
  for (int row = std::max(y, 0); row < std::min(y + height, height_); ++row) {
    for (int column = std::max(x, 0); column < std::min(x + width, width_); ++column) set(column, row, colour);
  }
}

void Picture::line(int x0, int y0, int x1, int y1, int thickness, Colour colour) {
  const int steps = std::max({std::abs(x1 - x0), std::abs(y1 - y0), 1});
  for (int i = 0; i <= steps; ++i) {
    rectangle(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps, thickness, thickness, colour);
  }
}

void Picture::text(int x, int y, double scale, Colour colour, std::string_view words) {
  const int cell_width = static_cast<int>(std::ceil(5 * scale));
  const int cell_height = static_cast<int>(std::ceil(7 * scale));
  double left = x;
  for (const char c : words) {
    const auto& columns = glyph(c);
    for (int dx = 0; dx < cell_width; ++dx) {
      const auto column = static_cast<size_t>(std::min(4, static_cast<int>(dx / scale)));
      for (int dy = 0; dy < cell_height; ++dy) {
        const int row = std::min(6, static_cast<int>(dy / scale));
        if ((columns[column] >> row) & 1) set(static_cast<int>(left) + dx, y + dy, colour);
      }
    }
    left += 6 * scale;
  }
}

void add_dots(Picture& picture, double fraction, Random& random) {
  const double pixels = static_cast<double>(picture.width()) * picture.height();
  for (auto left = static_cast<int64_t>(pixels * fraction); left > 0; --left) {
    const Colour colour{clamp_byte(random.between(0, 255)), clamp_byte(random.between(0, 255)),
                        clamp_byte(random.between(0, 255))};
    picture.set(random.between(0, picture.width() - 1), random.between(0, picture.height() - 1), colour);
  }
}

void add_border(Picture& picture, double width, Random& random) {
  const int thick = std::max(1, static_cast<int>(width * picture.width()));
  const int tall = std::max(1, static_cast<int>(width * picture.height()));
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      const bool inside = x >= thick && y >= tall && x < picture.width() - thick && y < picture.height() - tall;
      if (inside) continue;
      const auto value = random.next();
      picture.set(x, y,
                  {static_cast<uint8_t>(value), static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value >> 16)});
    }
  }
}

void shift_colours(Picture& picture, int amount, Random& random) {
  const std::array<int, 3> by{random.between(-amount, amount), random.between(-amount, amount),
                              random.between(-amount, amount)};
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      const Colour c = picture.at(x, y);
      picture.set(x, y, {clamp_byte(c.red + by[0]), clamp_byte(c.green + by[1]), clamp_byte(c.blue + by[2])});
    }
  }
}

void add_noise(Picture& picture, int amount, Random& random) {
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) {
      const Colour c = picture.at(x, y);
      const int by = random.between(-amount, amount);
      picture.set(x, y, {clamp_byte(c.red + by), clamp_byte(c.green + by), clamp_byte(c.blue + by)});
    }
  }
}

Picture scaled(const Picture& picture, double factor) {
  Picture out(std::max(1, static_cast<int>(picture.width() * factor)),
              std::max(1, static_cast<int>(picture.height() * factor)), {});
  for (int y = 0; y < out.height(); ++y) {
    const double from_y = std::max(0.0, (y + 0.5) / factor - 0.5);
    const int y0 = static_cast<int>(from_y);
    const double fy = from_y - y0;
    for (int x = 0; x < out.width(); ++x) {
      const double from_x = std::max(0.0, (x + 0.5) / factor - 0.5);
      const int x0 = static_cast<int>(from_x);
      const double fx = from_x - x0;
      const Colour a = picture.at(x0, y0), b = picture.at(x0 + 1, y0);
      const Colour c = picture.at(x0, y0 + 1), d = picture.at(x0 + 1, y0 + 1);
      const auto mix = [&](int p, int q, int r, int s) {
        return clamp_byte(static_cast<int>((p * (1 - fx) + q * fx) * (1 - fy) + (r * (1 - fx) + s * fx) * fy + 0.5));
      };
      out.set(x, y,
              {mix(a.red, b.red, c.red, d.red), mix(a.green, b.green, c.green, d.green),
               mix(a.blue, b.blue, c.blue, d.blue)});
    }
  }
  return out;
}

Picture cut(const Picture& picture, int x, int y, int width, int height) {
  Picture out(width, height, {});
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) out.set(column, row, picture.at(x + column, y + row));
  }
  return out;
}

Picture cropped(const Picture& picture, double fraction) {
  const int dx = static_cast<int>(picture.width() * fraction / 2);
  const int dy = static_cast<int>(picture.height() * fraction / 2);
  return cut(picture, dx, dy, picture.width() - 2 * dx, picture.height() - 2 * dy);
}

Picture photograph(int width, int height, Random& random) {
  // A coarse random grid, smoothly enlarged, once for the forms and once for finer detail, and grain.
  Picture coarse(std::max(2, random.between(5, 9)), std::max(2, random.between(4, 7)), {});
  for (int y = 0; y < coarse.height(); ++y) {
    for (int x = 0; x < coarse.width(); ++x) {
      const int light = 60 + 130 * (coarse.height() - y) / coarse.height();
      coarse.set(x, y,
                 {clamp_byte(light + random.between(-60, 50)), clamp_byte(light + random.between(-50, 50)),
                  clamp_byte(light + random.between(-50, 60))});
    }
  }
  Picture out(width, height, {});
  for (int y = 0; y < height; ++y) {
    const double v = static_cast<double>(y) * (coarse.height() - 1) / height;
    for (int x = 0; x < width; ++x) {
      const double u = static_cast<double>(x) * (coarse.width() - 1) / width;
      const int x0 = static_cast<int>(u), y0 = static_cast<int>(v);
      const double fx = u - x0, fy = v - y0;
      const Colour a = coarse.at(x0, y0), b = coarse.at(x0 + 1, y0);
      const Colour c = coarse.at(x0, y0 + 1), d = coarse.at(x0 + 1, y0 + 1);
      const auto mix = [&](int p, int q, int r, int s) {
        return (p * (1 - fx) + q * fx) * (1 - fy) + (r * (1 - fx) + s * fx) * fy;
      };
      const double wave = 14 * std::sin(u * 9.0) * std::cos(v * 11.0);
      const double grain = static_cast<double>(random.next() % 13) - 6 + wave;
      out.set(x, y,
              {clamp_byte(static_cast<int>(mix(a.red, b.red, c.red, d.red) + grain)),
               clamp_byte(static_cast<int>(mix(a.green, b.green, c.green, d.green) + grain)),
               clamp_byte(static_cast<int>(mix(a.blue, b.blue, c.blue, d.blue) + grain))});
    }
  }
  return out;
}

std::string encode_jpeg(const Picture& picture, int quality, Tone tone, bool progressive) {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &buffer, &size);
  codec.image_width = static_cast<JDIMENSION>(picture.width());
  codec.image_height = static_cast<JDIMENSION>(picture.height());
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  if (tone == Tone::kGrey) jpeg_set_colorspace(&codec, JCS_GRAYSCALE);
  jpeg_set_quality(&codec, quality, TRUE);
  if (progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, TRUE);
  std::vector<uint8_t> row(static_cast<size_t>(picture.width()) * 3);
  while (codec.next_scanline < codec.image_height) {
    const auto* from = picture.bytes().data() + codec.next_scanline * row.size();
    std::copy(from, from + row.size(), row.begin());
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&codec, rows, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  std::string out(reinterpret_cast<char*>(buffer), size);
  std::free(buffer);
  return out;
}

std::string bilevel(const Picture& picture) {
  std::string out;
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); x += 8) {
      int byte = 0;
      for (int i = 0; i < 8; ++i) {
        const Colour c = picture.at(x + i, y);
        byte = byte * 2 + (c.red + c.green + c.blue > 384 ? 1 : 0);
      }
      out += static_cast<char>(byte);
    }
  }
  return out;
}

std::string rgb(const Picture& picture) {
  return {reinterpret_cast<const char*>(picture.bytes().data()), picture.bytes().size()};
}

}  // namespace postern::testdata
