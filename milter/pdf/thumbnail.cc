// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/thumbnail.h"

#include <algorithm>
#include <cmath>

namespace postern {
namespace {

constexpr double kMostPoints = 1e6;  // a page is at most 14,400 points wide (ISO 32000-1 annex C); a liar may say more

// The part of 0..size that pixel `at` of `count` covers: never empty.
struct Span {
  unsigned from, to;
};
Span span(double at, double count, unsigned size) {
  const auto from = static_cast<unsigned>(std::clamp(at / count * size, 0.0, size - 1.0));
  const auto to = static_cast<unsigned>(std::clamp((at + 1) / count * size, 0.0, static_cast<double>(size)));
  return {from, std::max(to, from + 1)};
}

char mean(const Raster& raster, Span across, Span down) {
  uint64_t sum = 0;
  for (unsigned y = down.from; y < down.to; ++y) {
    const uint8_t* row = raster.row(y);
    for (unsigned x = across.from; x < across.to; ++x) sum += row[x];
  }
  return static_cast<char>(sum / (uint64_t{across.to - across.from} * (down.to - down.from)));
}

unsigned side(double points, double scale) {
  return static_cast<unsigned>(std::clamp(std::lround(points * scale), 1L, static_cast<long>(GreyPicture::kMostSide)));
}

// The pixel where a length ends: 0 to `most`.
unsigned pixel(double at, unsigned most) { return at > 0 ? static_cast<unsigned>(std::min<double>(at, most)) : 0; }

}  // namespace

Thumbnail::Thumbnail(GreyPicture& picture, PageSize page) : picture_(picture), page_(page) {
  const bool sensible = page.width > 0 && page.height > 0 && page.width < kMostPoints && page.height < kMostPoints;
  if (sensible) scale_ = GreyPicture::kMostSide / std::max(page.width, page.height);
}

void Thumbnail::begin() {
  if (!picture_.empty()) return;
  picture_.width = side(page_.width, scale_);
  picture_.height = side(page_.height, scale_);
  picture_.pixels.assign(static_cast<size_t>(picture_.width) * picture_.height, '\xff');
}

void Thumbnail::paste(const Raster& raster, const Placement& place) {
  const double left = place.left * scale_, top = place.top * scale_;
  const double width = std::max(1.0, (place.right - place.left) * scale_);
  const double height = std::max(1.0, (place.bottom - place.top) * scale_);
  if (scale_ == 0 || raster.width() == 0 || raster.height() == 0 || !std::isfinite(left + top + width + height)) return;
  begin();
  // From the first pixel that is at least half inside to the last one.
  const auto first = [](double from) { return std::max(0.0, std::ceil(from - 0.5)); };
  const auto end = [](double to, unsigned most) { return std::min(std::ceil(to - 0.5), static_cast<double>(most)); };
  for (double y = first(top); y < end(top + height, picture_.height); ++y) {
    const Span down = span(y - top, height, raster.height());
    char* row = picture_.pixels.data() + static_cast<size_t>(y) * picture_.width;
    for (double x = first(left); x < end(left + width, picture_.width); ++x) {
      row[static_cast<size_t>(x)] = mean(raster, span(x - left, width, raster.width()), down);
    }
  }
}

void Thumbnail::edge(Point from, Point to) {
  if (scale_ == 0) return;
  if (!outline_) outline_.emplace(side(page_.width, scale_), side(page_.height, scale_));
  outline_->edge({from.x * scale_, from.y * scale_}, {to.x * scale_, to.y * scale_});
}

void Thumbnail::fill(bool even_odd, const Tone& tone, const Placement& clip) {
  if (!outline_) return;
  const double light = std::clamp(tone.light, 0.0, 255.0), opacity = std::clamp(tone.opacity, 0.0, 1.0);
  const bool seen = opacity > 0 && (light < 255 || !picture_.empty());  // white on white is not
  if (seen) begin();
  const unsigned left = pixel(std::floor(clip.left * scale_), picture_.width);
  const unsigned right = pixel(std::ceil(clip.right * scale_), picture_.width);
  const unsigned top = pixel(std::floor(clip.top * scale_), picture_.height);
  const unsigned bottom = pixel(std::ceil(clip.bottom * scale_), picture_.height);
  outline_->take(even_odd, [&](unsigned x, unsigned y, double share) {
    if (!seen || x < left || x >= right || y < top || y >= bottom) return;
    char& below = picture_.pixels[static_cast<size_t>(y) * picture_.width + x];
    const double before = static_cast<unsigned char>(below);
    below = static_cast<char>(std::lround(before + (light - before) * share * opacity));
  });
}

}  // namespace postern
