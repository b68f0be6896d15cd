// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/raster.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "pdf/lanes.h"

namespace postern {

namespace {

constexpr size_t kFewPixels = 50'000;  // of them all colours are counted
constexpr uint8_t kSharp = 48;  // a step of brightness that the eye takes for an edge
constexpr uint8_t kInk = 56;    // this far from the paper is ink

struct Paper {
  int light = 255;   // the most frequent brightness
  double share = 0;  // pixels within 8 of it
};

// Four tables, so that a run of equal pixels does not wait for one and the same number.
std::array<uint32_t, 256> count_light(const Raster& raster) {
  uint32_t tables[4][256] = {};
  const uint8_t* light = raster.row(0);
  size_t left = static_cast<size_t>(raster.width()) * raster.height();
  for (; left >= 4; left -= 4, light += 4) {
    ++tables[0][light[0]];
    ++tables[1][light[1]];
    ++tables[2][light[2]];
    ++tables[3][light[3]];
  }
  for (; left > 0; --left) ++tables[0][*light++];
  std::array<uint32_t, 256> counts{};
  for (size_t i = 0; i < 256; ++i) counts[i] = tables[0][i] + tables[1][i] + tables[2][i] + tables[3][i];
  return counts;
}

Paper find_paper(const Raster& raster) {
  const std::array<uint32_t, 256> counts = count_light(raster);
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

inline bool apart(int a, int b) { return std::abs(a - b) > kSharp; }

// Counts steps of brightness in a row's pixels from..to.
void count_row(const uint8_t* up, const uint8_t* row, const uint8_t* down, unsigned from, unsigned to, Steps& steps) {
  const auto apart_at = [](Lanes light, const uint8_t* other) { return more(difference(light, load(other)), kSharp); };
  LaneCount sharp, alone;
  unsigned x = from;
  for (; x + kLanes <= to; x += kLanes) {
    const Lanes light = load(row + x);
    const Lanes right = apart_at(light, row + x + 1);
    sharp.add(right);
    alone.add(right & apart_at(light, row + x - 1) & apart_at(light, up + x) & apart_at(light, down + x));
  }
  for (; x < to; ++x) {
    if (!apart(row[x], row[x + 1])) continue;
    ++steps.sharp;
    if (apart(row[x], row[x - 1]) && apart(row[x], up[x]) && apart(row[x], down[x])) ++steps.alone;
  }
  steps.pixels += to - from;
  steps.sharp += sharp.sum();
  steps.alone += alone.sum();
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

// How often a row changes between paper and ink.
uint64_t count_changes(const uint8_t* row, unsigned width, uint8_t paper) {
  const Lanes papers = Lanes{} + paper;
  const auto inks = [papers](const uint8_t* light) { return more(difference(load(light), papers), kInk); };
  const auto ink = [paper](int light) { return std::abs(light - paper) > kInk; };
  LaneCount changes;
  unsigned x = 1;
  for (; x + kLanes <= width; x += kLanes) changes.add(inks(row + x) ^ inks(row + x - 1));
  uint64_t rest = ink(row[0]) ? 1 : 0;
  for (; x < width; ++x) rest += ink(row[x]) != ink(row[x - 1]) ? 1 : 0;
  return changes.sum() + rest;
}

// Lines of text are bands of rows that change many times between paper and ink; a ruled line, a chart or the edge of
// a photograph changes once or twice in a row and joins nothing.
void find_lines(const Raster& raster, const Paper& paper, ImageFacts& facts) {
  constexpr unsigned kChanges = 6;
  std::vector<unsigned> heights;
  unsigned band = 0;
  const auto light = static_cast<uint8_t>(paper.light);
  for (unsigned y = 0; y <= raster.height(); ++y) {
    const uint64_t changes = y < raster.height() ? count_changes(raster.row(y), raster.width(), light) : 0;
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
      colour_step_(luma_.size() < kFewPixels ? 1 : 3),
      colour_counts_(4096) {}

void Raster::put_row(unsigned y, const Rgb* colours) {
  uint8_t* const light = row(y);
  // ITU-R BT.601 weights, as JPEG's own luma has them.
  for (unsigned x = 0; x < width_; ++x) {
    light[x] = static_cast<uint8_t>((colours[x].red * 77 + colours[x].green * 150 + colours[x].blue * 29) >> 8);
  }
  if (y % colour_step_ != 0) return;
  bins_.clear();
  for (unsigned x = 0; x < width_; x += colour_step_) {
    bins_.push_back(bin(colours[x].red, colours[x].green, colours[x].blue));
  }
  count_colours(bins_.data(), bins_.size());
}

// Neighbours are often alike, and adding to one number again and again would wait for it each time.
void Raster::count_colours(const uint16_t* bins, size_t count) {
  uint32_t* const counts = colour_counts_.data();
  for (size_t i = 0; i < count;) {
    const size_t start = i;
    while (++i < count && bins[i] == bins[start]) {}
    counts[bins[start]] += static_cast<uint32_t>(i - start);
  }
  coloured_ += count;
}

uint64_t Raster::colours() const {
  const auto least = static_cast<uint32_t>(std::max<size_t>(1, coloured_ / 1000));
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
