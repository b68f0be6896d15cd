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
#include "pdf/lanes.h"

namespace postern {

namespace {

constexpr size_t kGrid = 64;      // the picture is averaged to this many cells each way
constexpr size_t kBits = 16;      // frequencies each way
constexpr double kMargin = 0.06;  // left out at each side: frames and noise put there do not count
constexpr double kFade = 0.35;    // of the rest, at each side: counts the less the nearer it is to the edge
constexpr double kStep = 0.007;   // how far the window is moved to find what was cropped at one side
constexpr double kZoom = 1.025;   // how far it is widened or narrowed to find what was cropped all around

using Grid = std::array<std::array<float, kGrid>, kGrid>;

constexpr uint8_t kSpeck = 20;

// One pixel that is no longer a speck.
uint8_t mended(const uint8_t* up, const uint8_t* row, const uint8_t* down) {
  const int light = *row, left = row[-1], right = row[1], upper = *up, lower = *down;
  const bool dark = light + kSpeck < std::min({upper, lower, left, right});
  const bool bright = light - kSpeck > std::max({upper, lower, left, right});
  return static_cast<uint8_t>(dark || bright ? (upper + lower + left + right) / 4 : light);
}

// The same for sixteen pixels, if one of them is a speck; else `out` keeps what it holds.
void mend(const uint8_t* up, const uint8_t* row, const uint8_t* down, uint8_t* out) {
  const Lanes light = load(row), left = load(row - 1), right = load(row + 1), upper = load(up), lower = load(down);
  const Lanes least = smaller(smaller(upper, lower), smaller(left, right));
  const Lanes most = larger(larger(upper, lower), larger(left, right));
  const Lanes speck = more(larger(least, light) - light, kSpeck) | more(light - smaller(most, light), kSpeck);
  if (!any(speck)) return;
  const Lanes mean = (upper >> 2) + (lower >> 2) + (left >> 2) + (right >> 2) +
                     (((upper & 3) + (lower & 3) + (left & 3) + (right & 3)) >> 2);
  const Lanes mended = (light & ~speck) | (mean & speck);
  std::memcpy(out, &mended, sizeof mended);
}

// Copies a row; a speck, which stands out against all four neighbours to the same side, becomes their mean.
void despeckle(const Raster& raster, unsigned y, uint8_t* out) {
  const unsigned width = raster.width();
  const uint8_t* row = raster.row(y);
  std::copy(row, row + width, out);
  if (y == 0 || y + 1 >= raster.height()) return;
  const uint8_t *up = raster.row(y - 1), *down = raster.row(y + 1);
  unsigned x = 1;
  for (; x + kLanes < width; x += kLanes) mend(up + x, row + x, down + x, out + x);
  for (; x + 1 < width; ++x) out[x] = mended(up + x, row + x, down + x);
}

// A row's part of a band of cells, added to the sums of its columns.
void add_row(const uint8_t* row, float part, float* sums, size_t width) {
  for (size_t x = 0; x < width; ++x) sums[x] += part * static_cast<float>(row[x]);
}

// How the pixels of a row are shared out among cells, which may end between pixels.
struct Cells {
  explicit Cells(size_t width);
  std::array<uint32_t, kGrid> first{};         // pixel of each cell
  std::array<uint32_t, kGrid + 1> parts_at{};  // in `parts`
  std::vector<double> parts;                   // of the cells' pixels, 0 to 1
};

Cells::Cells(size_t width) {
  const double step = static_cast<double>(width) / kGrid;
  size_t at = 0;
  for (size_t cell = 0; cell < kGrid; ++cell) {
    const double from = static_cast<double>(cell) * step, to = static_cast<double>(cell + 1) * step;
    first[cell] = static_cast<uint32_t>(at);
    for (; at < width && static_cast<double>(at) < to; ++at) {
      parts.push_back(std::min(static_cast<double>(at + 1), to) - std::max(static_cast<double>(at), from));
      if (static_cast<double>(at + 1) > to) break;  // the next cell has the rest of it
    }
    parts_at[cell + 1] = static_cast<uint32_t>(parts.size());
  }
}

// The means of one band's cells.
void cut_cells(const Cells& how, const float* sums, double area, std::array<float, kGrid>& cells) {
  for (size_t cell = 0; cell < kGrid; ++cell) {
    const float* at = sums + how.first[cell];
    const double* part = how.parts.data() + how.parts_at[cell];
    const double* const end = how.parts.data() + how.parts_at[cell + 1];
    double sum = 0;
    for (; part < end; ++part, ++at) sum += *part * static_cast<double>(*at);
    cells[cell] = static_cast<float>(sum / area);
  }
}

// Cells end between pixels, so that a picture and its enlargement have the same means.
Grid averaged(const Raster& raster) {
  const size_t width = raster.width();
  const double step = static_cast<double>(raster.height()) / kGrid;
  const double area = step * static_cast<double>(width) / kGrid;
  std::vector<uint8_t> row(width);
  std::vector<float> sums(width);
  const Cells cells(width);
  Grid grid{};
  unsigned y = 0;
  bool ready = false;  // whether `row` holds row y
  for (size_t band = 0; band < kGrid; ++band) {
    const double from = static_cast<double>(band) * step, to = static_cast<double>(band + 1) * step;
    std::fill(sums.begin(), sums.end(), 0.0F);
    while (y < raster.height() && static_cast<double>(y) < to) {
      if (!ready) despeckle(raster, y, row.data());
      const double part = std::min(static_cast<double>(y + 1), to) - std::max(static_cast<double>(y), from);
      add_row(row.data(), static_cast<float>(part), sums.data(), width);
      ready = static_cast<double>(y + 1) > to;  // the next band has the rest of it
      if (ready) break;
      ++y;
    }
    cut_cells(cells, sums.data(), area, grid[band]);
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

// Half a line at a time, which the processor's registers hold.  Sums are gathered in a variable of their own, so that
// the compiler need not fear that they overlap the grid and works on several at a time.
template <class Factor>
Line sum_rows(const Grid& grid, const Factor& factor) {
  constexpr size_t kHalf = kGrid / 2;
  Line line{};
  for (size_t start = 0; start < kGrid; start += kHalf) {
    std::array<float, kHalf> sum{};
    for (size_t y = 0; y < kGrid; ++y) {
      const float by = factor(y);
      if (by == 0) continue;
      const float* const row = grid[y].data() + start;
      for (size_t x = 0; x < kHalf; ++x) sum[x] += by * row[x];
    }
    std::copy(sum.begin(), sum.end(), line.begin() + static_cast<ptrdiff_t>(start));
  }
  return line;
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
