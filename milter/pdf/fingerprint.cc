// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/fingerprint.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "base/strings.h"

namespace postern {

namespace {

constexpr size_t kGrid = 64;      // the picture is averaged to this many cells each way
constexpr size_t kBits = 16;      // frequencies each way
constexpr double kMargin = 0.06;  // left out at each side: frames and noise put there do not count

using Grid = std::array<std::array<float, kGrid>, kGrid>;

// The brightness of one pixel; a speck, which stands out against all four neighbours to the same side, counts as
// their mean.
uint32_t despeckled(const Raster& raster, unsigned x, unsigned y) {
  constexpr int kSpeck = 20;
  const int light = raster.at(x, y);
  if (x == 0 || y == 0 || x + 1 >= raster.width() || y + 1 >= raster.height()) return static_cast<uint32_t>(light);
  const int up = raster.at(x, y - 1), down = raster.at(x, y + 1), left = raster.at(x - 1, y),
            right = raster.at(x + 1, y);
  const bool dark = light + kSpeck < std::min({up, down, left, right});
  const bool bright = light - kSpeck > std::max({up, down, left, right});
  return static_cast<uint32_t>(dark || bright ? (up + down + left + right) / 4 : light);
}

// Running sums in both directions, so that any rectangle's mean costs four look-ups.
std::vector<uint32_t> sums_of(const Raster& raster) {
  const size_t width = raster.width() + 1;
  std::vector<uint32_t> sums(width * (raster.height() + 1));
  for (unsigned y = 0; y < raster.height(); ++y) {
    uint32_t row = 0;
    for (unsigned x = 0; x < raster.width(); ++x) {
      row += despeckled(raster, x, y);
      sums[(y + 1) * width + x + 1] = sums[y * width + x + 1] + row;
    }
  }
  return sums;
}

Grid averaged(const Raster& raster) {
  const auto sums = sums_of(raster);
  const size_t stride = raster.width() + 1;
  const double left = raster.width() * kMargin, top = raster.height() * kMargin;
  const double step_x = (raster.width() - 2 * left) / kGrid, step_y = (raster.height() - 2 * top) / kGrid;
  const auto span = [](double from, double step, size_t i, unsigned limit) {
    const auto begin = std::min<size_t>(static_cast<size_t>(from + step * static_cast<double>(i)), limit - 1);
    const auto end = static_cast<size_t>(std::ceil(from + step * static_cast<double>(i + 1)));
    return std::pair{begin, std::clamp<size_t>(end, begin + 1, limit)};
  };
  Grid grid{};
  for (size_t y = 0; y < kGrid; ++y) {
    const auto [y0, y1] = span(top, step_y, y, raster.height());
    for (size_t x = 0; x < kGrid; ++x) {
      const auto [x0, x1] = span(left, step_x, x, raster.width());
      const uint32_t sum =
          sums[y1 * stride + x1] - sums[y0 * stride + x1] - sums[y1 * stride + x0] + sums[y0 * stride + x0];
      grid[y][x] = static_cast<float>(sum) / static_cast<float>((y1 - y0) * (x1 - x0));
    }
  }
  return grid;
}

using Basis = std::array<std::array<float, kGrid>, kBits>;

// Rows 1 to 16 of the discrete cosine transform (DCT-II).
const Basis& basis() {
  static const Basis kBasis = [] {
    Basis out{};
    for (size_t k = 0; k < kBits; ++k) {
      for (size_t n = 0; n < kGrid; ++n) {
        out[k][n] = static_cast<float>(
            std::cos(std::numbers::pi / kGrid * (static_cast<double>(n) + 0.5) * static_cast<double>(k + 1)));
      }
    }
    return out;
  }();
  return kBasis;
}

std::array<float, kBits * kBits> frequencies(const Grid& grid) {
  const Basis& cosines = basis();
  std::array<std::array<float, kGrid>, kBits> half{};
  for (size_t k = 0; k < kBits; ++k) {
    for (size_t y = 0; y < kGrid; ++y) {
      for (size_t x = 0; x < kGrid; ++x) half[k][x] += cosines[k][y] * grid[y][x];
    }
  }
  std::array<float, kBits * kBits> out{};
  for (size_t k = 0; k < kBits; ++k) {
    for (size_t j = 0; j < kBits; ++j) {
      float sum = 0;
      for (size_t x = 0; x < kGrid; ++x) sum += cosines[j][x] * half[k][x];
      out[k * kBits + j] = sum;
    }
  }
  return out;
}

// Whether hardly any cell differs from the mean: nothing to recognise.
bool even(const Grid& grid) {
  double sum = 0, squares = 0;
  for (const auto& row : grid) {
    for (const float cell : row) {
      sum += cell;
      squares += static_cast<double>(cell) * cell;
    }
  }
  const double mean = sum / (kGrid * kGrid);
  return squares / (kGrid * kGrid) - mean * mean < 4.0;
}

}  // namespace

std::string fingerprint(const Raster& raster) {
  // Sums of 32 bits hold 16.8 million white pixels; a raster never comes near.
  if (raster.width() < 8 || raster.height() < 8) return {};
  const Grid grid = averaged(raster);
  if (even(grid)) return {};
  const auto values = frequencies(grid);
  auto sorted = values;
  const auto middle = sorted.begin() + sorted.size() / 2;
  std::nth_element(sorted.begin(), middle, sorted.end());
  std::string bytes(values.size() / 8, '\0');
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] > *middle) bytes[i / 8] = static_cast<char>(bytes[i / 8] | (0x80 >> (i % 8)));
  }
  return hex(bytes);
}

unsigned fingerprint_distance(std::string_view a, std::string_view b) {
  const auto left = unhex(a), right = unhex(b);
  if (!left || !right || left->size() != 32 || right->size() != 32) return 256;
  unsigned bits = 0;
  for (size_t i = 0; i < 32; ++i) {
    bits += static_cast<unsigned>(std::popcount(static_cast<uint8_t>((*left)[i] ^ (*right)[i])));
  }
  return bits;
}

}  // namespace postern
