// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/raster.h"

#include <algorithm>

#include "pdf/pixel_loops.h"

namespace postern {

namespace {

constexpr size_t kFewPixels = 10'000;   // of them all colours are counted
constexpr size_t kSomePixels = 50'000;  // of them, every third pixel's in every third row; of more, every fifth's
constexpr uint64_t kSample = 5'000;    // pixels by which the most frequent brightness is found...
constexpr uint64_t kRows = 32;         // ...and rows, at least
constexpr uint8_t kSharp = 48;         // a step of brightness that the eye takes for an edge
constexpr uint8_t kNear = 8;           // not further from the most frequent brightness is paper
constexpr uint8_t kInk = 56;           // this far from the paper is ink

// Counts every so many pixels, in four tables, so that a run of equal pixels does not wait for one and the same number.
void count_light(const uint8_t* light, size_t width, size_t step, uint32_t (&tables)[4][256]) {
  size_t x = 0;
  for (; x + 3 * step < width; x += 4 * step) {
    ++tables[0][light[x]];
    ++tables[1][light[x + step]];
    ++tables[2][light[x + 2 * step]];
    ++tables[3][light[x + 3 * step]];
  }
  for (; x < width; x += step) ++tables[0][light[x]];
}

// The middle of those 17 neighbours that most pixels have, of large pictures by a part of their rows, and, where these
// are more than enough, by every second pixel.
uint8_t most_frequent(const Raster& raster) {
  const auto step = static_cast<unsigned>(
      std::max<uint64_t>(1, std::min(raster.size() / kSample, raster.height() / kRows)));
  const size_t across = raster.size() / step < 2 * kSample ? 1 : 2;
  uint32_t tables[4][256] = {};
  for (unsigned y = 0; y < raster.height(); y += step) count_light(raster.row(y), raster.width(), across, tables);
  const auto count = [&tables](size_t i) { return tables[0][i] + tables[1][i] + tables[2][i] + tables[3][i]; };
  uint32_t window = 0;
  for (size_t i = 0; i < 17; ++i) window += count(i);
  uint32_t best = window;
  uint8_t middle = 8;
  for (size_t i = 17; i < 256; ++i) {
    window = window + count(i) - count(i - 17);
    if (window > best) {
      best = window;
      middle = static_cast<uint8_t>(i - 8);
    }
  }
  return middle;
}

// Lines of text are bands of rows that change many times between paper and ink; a ruled line, a chart or the edge of
// a photograph changes once or twice in a row and joins nothing.  `changes` has one for each row.
void find_lines(const std::vector<unsigned>& changes, const Raster& raster, ImageFacts& facts) {
  constexpr unsigned kChanges = 6;
  std::vector<unsigned> heights;
  unsigned band = 0;
  for (unsigned y = 0; y <= raster.height(); ++y) {
    if (y < raster.height() && changes[y] >= kChanges) {
      ++band;
      continue;
    }
    if (band >= 2) heights.push_back(band);
    band = 0;
  }
  facts.text_lines = heights.size();
  if (heights.empty()) return;
  std::nth_element(heights.begin(), heights.begin() + static_cast<long>(heights.size() / 2), heights.end());
  facts.line_height = static_cast<double>(heights[heights.size() / 2]) / std::min(raster.width(), raster.height());
}

double part(uint64_t of, uint64_t all) { return all == 0 ? 0 : static_cast<double>(of) / static_cast<double>(all); }

}  // namespace

Raster::Raster(unsigned width, unsigned height)
    : width_(std::max(1U, width)),
      height_(std::max(1U, height)),
      stride_((size_t{width_} + 7) / 8 * 8 + kMoreColumns),
      luma_(new uint8_t[stride_ * (size_t{height_} + kMoreRows) + kPixelSlack]),
      colour_step_(size() < kFewPixels    ? 1
                   : size() < kSomePixels ? 3
                                          : 5),
      colour_counts_(4096) {}

void Raster::blank_from(unsigned y) {
  if (y < height_) std::fill(row(y), row(height_), uint8_t{0});
}

void Raster::put_row(unsigned y, const Rgb* colours) {
  put_colours(y, [colours](unsigned x) { return colours[x]; });
}

// Neighbours are often alike, and adding to one number again and again would wait for it each time.
void Raster::count_colours(const int16_t* bins, size_t count) {
  uint32_t* const counts = colour_counts_.data();
  for (size_t i = 0; i < count;) {
    const size_t start = i;
    while (++i < count && bins[i] == bins[start]) {}
    counts[bins[start]] += static_cast<uint32_t>(i - start);
  }
  coloured_ += count;
}

uint64_t Raster::colours() const {
  const auto least = static_cast<uint32_t>(std::max<size_t>(1, (coloured_ + 999) / 1000));
  return static_cast<uint64_t>(
      std::count_if(colour_counts_.begin(), colour_counts_.end(), [least](uint32_t n) { return n >= least; }));
}

void describe(const Raster& raster, ImageFacts& facts) {
  facts.decoded = true;
  facts.colours = raster.colours();
  PixelSteps inner, rim;  // the outermost twentieth
  pixel_loops().count_steps(raster.pixels(), std::max(1U, raster.width() / 20), std::max(1U, raster.height() / 20),
                            kSharp, inner, rim);
  facts.edges = part(inner.sharp + rim.sharp, inner.pixels + rim.pixels);
  facts.dots = part(inner.alone + rim.alone, inner.pixels + rim.pixels);
  facts.border_noise = std::clamp(part(rim.sharp, rim.pixels) - part(inner.sharp, inner.pixels), 0.0, 1.0);
  std::vector<unsigned> changes(raster.height());
  const uint8_t paper = most_frequent(raster);
  facts.paper = part(pixel_loops().count_ink(raster.pixels(), paper, kNear, kInk, changes.data()),
                     raster.size());
  find_lines(changes, raster, facts);
}

}  // namespace postern
