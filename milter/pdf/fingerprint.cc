// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/fingerprint.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace postern {

namespace {

constexpr size_t kGrid = 64;      // the picture is averaged to this many cells each way
constexpr size_t kBits = 16;      // frequencies each way
constexpr double kMargin = 0.06;  // left out at each side: frames and noise put there do not count
constexpr double kFade = 0.35;    // of the rest, at each side: counts the less the nearer it is to the edge
constexpr double kStep = 0.007;   // how far the window is moved to find what was cropped at one side
constexpr double kZoom = 1.025;   // how far it is widened or narrowed to find what was cropped all around

using Grid = std::array<std::array<float, kGrid>, kGrid>;

// The brightness of one pixel; a speck, which stands out against all four neighbours to the same side, counts as
// their mean.
uint32_t despeckled(const Raster& raster, unsigned x, unsigned y) {
  constexpr int kSpeck = 20;
  const uint8_t* row = raster.row(y);
  const int light = row[x];
  if (x == 0 || y == 0 || x + 1 >= raster.width() || y + 1 >= raster.height()) return static_cast<uint32_t>(light);
  const int left = row[x - 1];
  if (std::abs(light - left) <= kSpeck) return static_cast<uint32_t>(light);  // hardly any pixel gets further
  const int right = row[x + 1], up = raster.at(x, y - 1), down = raster.at(x, y + 1);
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
    const uint32_t* above = &sums[y * width + 1];
    uint32_t* here = &sums[(y + 1) * width + 1];
    for (unsigned x = 0; x < raster.width(); ++x) {
      row += despeckled(raster, x, y);
      here[x] = above[x] + row;
    }
  }
  return sums;
}

// The running sum at a place between pixels.
struct Edge {
  size_t at = 0;
  double part = 0;
};

std::array<Edge, kGrid + 1> edges(unsigned pixels) {
  std::array<Edge, kGrid + 1> out;
  for (size_t i = 0; i <= kGrid; ++i) {
    const double place = static_cast<double>(i) * pixels / kGrid;
    out[i].at = std::min<size_t>(static_cast<size_t>(place), pixels - 1);
    out[i].part = place - static_cast<double>(out[i].at);
  }
  return out;
}

// Cells end between pixels, so that a picture and its enlargement have the same means.
Grid averaged(const Raster& raster) {
  const auto sums = sums_of(raster);
  const size_t stride = raster.width() + 1;
  const auto columns = edges(raster.width()), rows = edges(raster.height());
  const auto line = [&](const Edge& row) {
    std::array<double, kGrid + 1> out{};
    for (size_t i = 0; i <= kGrid; ++i) {
      const uint32_t* upper = &sums[row.at * stride + columns[i].at];
      const uint32_t* lower = upper + stride;
      const double left = upper[0] + (static_cast<double>(lower[0]) - upper[0]) * row.part;
      const double right = upper[1] + (static_cast<double>(lower[1]) - upper[1]) * row.part;
      out[i] = left + (right - left) * columns[i].part;
    }
    return out;
  };
  const double area = static_cast<double>(raster.width()) * raster.height() / (kGrid * kGrid);
  Grid grid{};
  auto above = line(rows[0]);
  for (size_t y = 0; y < kGrid; ++y) {
    const auto below = line(rows[y + 1]);
    for (size_t x = 0; x < kGrid; ++x) {
      grid[y][x] = static_cast<float>((below[x + 1] - below[x] - above[x + 1] + above[x]) / area);
    }
    above = below;
  }
  return grid;
}

// For each cell of one direction: the window's weight, then rows 1 to 16 of the discrete cosine transform (DCT-II)
// over the window, weighted.
struct Basis {
  std::array<float, kGrid> weight{};
  std::array<std::array<float, kBits>, kGrid> at{};
  float weights = 0;
  std::array<float, kBits> sums{};
};

Basis make_basis(double shift, double zoom) {
  Basis out;
  const double half = (0.5 - kMargin) * zoom;
  for (size_t n = 0; n < kGrid; ++n) {
    const double place = ((static_cast<double>(n) + 0.5) / kGrid - 0.5 - shift) / (2 * half) + 0.5;  // 0 to 1
    const double inside = std::min(place, 1 - place);
    if (inside <= 0) continue;
    const double weight = inside >= kFade ? 1 : 0.5 - 0.5 * std::cos(std::numbers::pi * inside / kFade);
    out.weight[n] = static_cast<float>(weight);
    out.weights += out.weight[n];
    for (size_t k = 0; k < kBits; ++k) {
      out.at[n][k] = static_cast<float>(weight * std::cos(std::numbers::pi * place * static_cast<double>(k + 1)));
      out.sums[k] += out.at[n][k];
    }
  }
  return out;
}

// Ways of looking along one direction, and pairs of them: as it is, moved towards each corner, closer, wider.
constexpr size_t kWays = 5;
struct Window {
  size_t x, y;
};
constexpr std::array<Window, 7> kWindows{{{0, 0}, {1, 1}, {2, 2}, {1, 2}, {2, 1}, {3, 3}, {4, 4}}};

const std::array<Basis, kWays>& bases() {
  static const std::array<Basis, kWays> kBases{make_basis(0, 1), make_basis(kStep, 1), make_basis(-kStep, 1),
                                               make_basis(0, kZoom), make_basis(0, 1 / kZoom)};
  return kBases;
}

using Line = std::array<float, kGrid>;
struct Columns {
  Line weighted{};  // the window's weight alone, for the mean
  std::array<Line, kBits> at{};
};

// Sums are gathered in a variable of their own, so that the compiler need not fear that they overlap the grid and
// works on several at a time.
template <class Factor>
Line sum_rows(const Grid& grid, const Factor& factor) {
  Line sum{};
  for (size_t y = 0; y < kGrid; ++y) {
    const float by = factor(y);
    if (by == 0) continue;
    for (size_t x = 0; x < kGrid; ++x) sum[x] += by * grid[y][x];
  }
  return sum;
}

Columns along_columns(const Grid& grid, const Basis& basis) {
  Columns out;
  out.weighted = sum_rows(grid, [&](size_t y) { return basis.weight[y]; });
  for (size_t k = 0; k < kBits; ++k) out.at[k] = sum_rows(grid, [&](size_t y) { return basis.at[y][k]; });
  return out;
}

using Values = std::array<float, kBits * kBits>;

Values frequencies(const Columns& columns, const Basis& vertical, const Basis& horizontal) {
  float total = 0;
  for (size_t x = 0; x < kGrid; ++x) total += columns.weighted[x] * horizontal.weight[x];
  const float mean = total / (vertical.weights * horizontal.weights);
  Values out{};
  for (size_t k = 0; k < kBits; ++k) {
    std::array<float, kBits> sum{};
    for (size_t x = 0; x < kGrid; ++x) {
      for (size_t j = 0; j < kBits; ++j) sum[j] += columns.at[k][x] * horizontal.at[x][j];
    }
    for (size_t j = 0; j < kBits; ++j) out[k * kBits + j] = sum[j] - mean * vertical.sums[k] * horizontal.sums[j];
  }
  return out;
}

// The order of the bits: low frequencies, which change least, come first.
std::array<uint8_t, kBits * kBits> make_order() {
  std::array<uint8_t, kBits * kBits> order{};
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint8_t>(i);
  const auto square = [](size_t i) {
    const size_t k = i / kBits + 1, j = i % kBits + 1;
    return k * k + j * j;
  };
  std::stable_sort(order.begin(), order.end(), [&](uint8_t a, uint8_t b) { return square(a) < square(b); });
  return order;
}

std::string bits_of(const Values& values) {
  static const auto kOrder = make_order();
  auto sorted = values;
  const auto middle = sorted.begin() + sorted.size() / 2;
  std::nth_element(sorted.begin(), middle, sorted.end());
  std::string bytes(values.size() / 8, '\0');
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[kOrder[i]] > *middle) bytes[i / 8] = static_cast<char>(bytes[i / 8] | (0x80 >> (i % 8)));
  }
  return hex(bytes);
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

Fingerprint fingerprint(const Raster& raster) {
  // Sums of 32 bits hold 16.8 million white pixels; a raster never comes near.
  Fingerprint out;
  if (raster.width() < 8 || raster.height() < 8) return out;
  const Grid grid = averaged(raster);
  if (even(grid)) return out;
  std::array<Columns, kWays> columns;
  for (size_t way = 0; way < kWays; ++way) columns[way] = along_columns(grid, bases()[way]);
  for (const Window& window : kWindows) {
    std::string bits = bits_of(frequencies(columns[window.y], bases()[window.y], bases()[window.x]));
    if (out.whole.empty())
      out.whole = std::move(bits);
    else if (bits != out.whole)
      out.moved.push_back(std::move(bits));
  }
  return out;
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
