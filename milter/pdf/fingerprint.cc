// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/fingerprint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "pdf/grid.h"
#include "pdf/pixel_loops.h"

namespace postern {

namespace {

constexpr size_t kBits = 16;      // frequencies each way
constexpr double kMargin = 0.06;  // left out at each side: frames and noise put there do not count
constexpr double kFade = 0.35;    // of the rest, at each side: counts the less the nearer it is to the edge
constexpr double kStep = 0.007;   // how far the window is moved to find what was cropped at one side
constexpr double kZoom = 1.025;   // how far it is widened or narrowed to find what was cropped all around

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
constexpr size_t kWays = 5, kForth = 1, kBack = 2;
struct Window {
  size_t x, y;
};
constexpr std::array<Window, 7> kWindows{{{0, 0}, {1, 1}, {2, 2}, {1, 2}, {2, 1}, {3, 3}, {4, 4}}};

const std::array<Basis, kWays>& bases() {
  static const std::array<Basis, kWays> kBases{make_basis(0, 1), make_basis(kStep, 1), make_basis(-kStep, 1),
                                               make_basis(0, kZoom), make_basis(0, 1 / kZoom)};
  return kBases;
}

struct Columns {
  std::array<float, kGrid> weighted{};  // the window's weight alone, for the mean
  std::array<std::array<float, kGrid>, kBits> at{};
};

constexpr size_t kHalf = kGrid / 2;
using HalfGrid = std::array<std::array<float, kGrid>, kHalf>;

// A window's rows of the transform are even or odd around its middle, one by one, and one that is moved forth is the
// mirror of the one that is moved back: both are half the sum or the difference of what these two have in common, the
// even part, and of what they have not.
struct Moved {
  std::array<std::array<float, kBits>, kHalf> even{}, odd{};
  Moved() {
    const Basis& forth = bases()[kForth];
    for (size_t n = 0; n < kHalf; ++n) {
      for (size_t k = 0; k < kBits; ++k) {
        even[n][k] = (forth.at[n][k] + forth.at[kGrid - 1 - n][k]) / 2;
        odd[n][k] = (forth.at[n][k] - forth.at[kGrid - 1 - n][k]) / 2;
      }
    }
  }
};

// Every so many rows of the transform of one half.
void transform(const float* rows, size_t every, const HalfGrid& half, std::array<float, kGrid>* out) {
  pixel_loops().multiply({rows, kBits, every, half[0].data(), kHalf, kGrid, out[0].data(), kBits / every,
                          every * kGrid});
}

void along_columns(const Grid& grid, std::array<Columns, kWays>& out) {
  static const Moved kMoved;
  HalfGrid even, odd;
  for (size_t n = 0; n < kHalf; ++n) {
    for (size_t x = 0; x < kGrid; ++x) {
      even[n][x] = grid[n][x] + grid[kGrid - 1 - n][x];
      odd[n][x] = grid[n][x] - grid[kGrid - 1 - n][x];
    }
  }
  for (size_t way = 0; way < kWays; ++way) {
    const Basis& basis = bases()[way];
    pixel_loops().add_weighted(grid[0].data(), basis.weight.data(), kGrid, out[way].weighted.data());
    if (way == kForth || way == kBack) continue;
    transform(basis.at[0].data(), 2, odd, out[way].at.data());  // the first row is odd
    transform(basis.at[0].data() + 1, 2, even, out[way].at.data() + 1);
  }
  transform(kMoved.even[0].data(), 1, even, out[kForth].at.data());
  transform(kMoved.odd[0].data(), 1, odd, out[kBack].at.data());
  for (size_t k = 0; k < kBits; ++k) {
    for (size_t x = 0; x < kGrid; ++x) {
      const float common = out[kForth].at[k][x], other = out[kBack].at[k][x];
      out[kForth].at[k][x] = common + other;
      out[kBack].at[k][x] = k % 2 == 0 ? other - common : common - other;
    }
  }
}

using Values = std::array<float, kBits * kBits>;

void frequencies(const Columns& columns, const Basis& vertical, const Basis& horizontal, Values& out) {
  pixel_loops().multiply({columns.at[0].data(), 1, kGrid, horizontal.at[0].data(), kGrid, kBits, out.data(), kBits,
                          kBits});
  float total = 0;
  for (size_t x = 0; x < kGrid; ++x) total += columns.weighted[x] * horizontal.weight[x];
  const float mean = total / (vertical.weights * horizontal.weights);
  for (size_t i = 0; i < out.size(); ++i) out[i] -= mean * vertical.sums[i / kBits] * horizontal.sums[i % kBits];
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
  const float middle = pixel_loops().median(values.data());
  std::string bytes;
  for (auto place = kOrder.begin(); place != kOrder.end();) {
    unsigned byte = 0;
    for (unsigned bit = 0; bit < 8; ++bit) byte = byte << 1 | (values[*place++] > middle ? 1U : 0U);
    bytes += static_cast<char>(byte);
  }
  return hex(bytes);
}

// Whether hardly any cell differs from the mean: nothing to recognise.
bool even(const Grid& grid) {
  float sum = 0, squares = 0;
  pixel_loops().moments(grid[0].data(), kGrid * kGrid, sum, squares);
  const double mean = static_cast<double>(sum) / (kGrid * kGrid);
  return static_cast<double>(squares) / (kGrid * kGrid) - mean * mean < 4.0;
}

}  // namespace

Fingerprint fingerprint(const Raster& raster) {
  Fingerprint out;
  if (raster.width() < 8 || raster.height() < 8) return out;
  const Grid grid = averaged(raster);
  if (even(grid)) return out;
  std::array<Columns, kWays> columns{};
  along_columns(grid, columns);
  Values values{};
  for (const Window& window : kWindows) {
    frequencies(columns[window.y], bases()[window.y], bases()[window.x], values);
    std::string bits = bits_of(values);
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
