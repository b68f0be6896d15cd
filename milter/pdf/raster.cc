// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/raster.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace postern {

namespace {

constexpr int kSharp = 48;  // a step of brightness that the eye takes for an edge
constexpr int kInk = 56;    // this far from the paper is ink

struct Paper {
  int light = 255;   // the most frequent brightness
  double share = 0;  // pixels within 8 of it
};

Paper find_paper(const Raster& raster) {
  std::array<uint32_t, 256> counts{};
  for (unsigned y = 0; y < raster.height(); ++y) {
    const uint8_t* row = raster.row(y);
    for (unsigned x = 0; x < raster.width(); ++x) ++counts[row[x]];
  }
  uint64_t window = 0;
  for (size_t i = 0; i < 17; ++i) window += counts[i];
  uint64_t best = window;
  int middle = 8;
  for (size_t i = 17; i < 256; ++i) {
    window = window + counts[i] - counts[i - 17];
    if (window > best) {
      best = window;
      middle = static_cast<int>(i) - 8;
    }
  }
  return {middle, static_cast<double>(best) / (static_cast<double>(raster.width()) * raster.height())};
}

struct Steps {
  uint64_t pixels = 0;
  uint64_t sharp = 0;
  uint64_t alone = 0;
  double share() const { return pixels == 0 ? 0 : static_cast<double>(sharp) / static_cast<double>(pixels); }
};

// Counts steps of brightness in a row's pixels from..to.
void count_row(const uint8_t* up, const uint8_t* row, const uint8_t* down, unsigned from, unsigned to, Steps& steps) {
  uint64_t sharp = 0, alone = 0;
  for (unsigned x = from; x < to; ++x) {
    const int light = row[x];
    if (std::abs(light - row[x + 1]) <= kSharp) continue;
    ++sharp;
    if (std::abs(light - row[x - 1]) > kSharp && std::abs(light - up[x]) > kSharp &&
        std::abs(light - down[x]) > kSharp) {
      ++alone;
    }
  }
  steps.pixels += to - from;
  steps.sharp += sharp;
  steps.alone += alone;
}

// Pixels in the outermost twentieth go to `rim`.
void count_steps(const Raster& raster, Steps& inner, Steps& rim) {
  const unsigned width = raster.width(), height = raster.height();
  const unsigned rim_x = std::max(1U, width / 20), rim_y = std::max(1U, height / 20);
  if (width < 3) return;
  const unsigned left = std::clamp(rim_x, 1U, width - 1), right = std::clamp(width - rim_x, left, width - 1);
  for (unsigned y = 1; y + 1 < height; ++y) {
    const uint8_t *up = raster.row(y - 1), *row = raster.row(y), *down = raster.row(y + 1);
    const bool rim_row = y < rim_y || y + rim_y >= height;
    count_row(up, row, down, 1, left, rim);
    count_row(up, row, down, left, right, rim_row ? rim : inner);
    count_row(up, row, down, right, width - 1, rim);
  }
}

// Lines of text are bands of rows that change many times between paper and ink; a ruled line, a chart or the edge of
// a photograph changes once or twice in a row and joins nothing.
void find_lines(const Raster& raster, const Paper& paper, ImageFacts& facts) {
  constexpr unsigned kChanges = 6;
  std::vector<unsigned> heights;
  unsigned band = 0;
  for (unsigned y = 0; y <= raster.height(); ++y) {
    unsigned changes = 0;
    if (y < raster.height()) {
      const uint8_t* row = raster.row(y);
      bool before = false;
      for (unsigned x = 0; x < raster.width(); ++x) {
        const bool now = std::abs(row[x] - paper.light) > kInk;
        changes += now != before ? 1 : 0;
        before = now;
      }
    }
    if (changes >= kChanges) {
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

}  // namespace

Raster::Raster(unsigned width, unsigned height)
    : width_(std::max(1U, width)),
      height_(std::max(1U, height)),
      luma_(static_cast<size_t>(width_) * height_),
      colour_counts_(4096) {}

uint64_t Raster::colours() const {
  const auto least = static_cast<uint32_t>(std::max<size_t>(1, luma_.size() / 1000));
  return static_cast<uint64_t>(
      std::count_if(colour_counts_.begin(), colour_counts_.end(), [least](uint32_t n) { return n >= least; }));
}

void describe(const Raster& raster, ImageFacts& facts) {
  facts.decoded = true;
  facts.colours = raster.colours();
  const Paper paper = find_paper(raster);
  facts.paper = paper.share;
  Steps inner, rim;
  count_steps(raster, inner, rim);
  const auto pixels = static_cast<double>(inner.pixels + rim.pixels);
  if (pixels > 0) {
    facts.edges = static_cast<double>(inner.sharp + rim.sharp) / pixels;
    facts.dots = static_cast<double>(inner.alone + rim.alone) / pixels;
  }
  facts.border_noise = std::clamp(rim.share() - inner.share(), 0.0, 1.0);
  find_lines(raster, paper, facts);
}

}  // namespace postern
