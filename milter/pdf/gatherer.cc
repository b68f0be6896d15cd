// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/gatherer.h"

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "pdf/fingerprint.h"
#include "pdf/jpeg.h"
#include "pdf/pdf_text.h"

namespace postern {

namespace {

constexpr size_t kMostText = 8192;        // bytes of text that are kept
constexpr uint64_t kSmallest = 32;        // pixels each way below which a picture is an ornament
constexpr double kLeastCoverage = 0.015;  // of the page; below it a picture is not worth its decoding
constexpr double kScanDpi = 125;          // scanners read at this resolution at least
constexpr uint64_t kScreenful = 1024;     // pixels each way
constexpr size_t kMostJpeg = 64 << 20;
// Bytes of a JPEG in which its header is looked for; the second, where cameras put previews before it.
constexpr size_t kHeader = 4096, kLongHeader = 128 << 10;

}  // namespace

uint64_t memory_in_use() {
  const auto heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

void Gatherer::begin_page(unsigned number, PageSize size) {
  page_ = number;
  size_ = size;
  const bool shown = small_ != nullptr && number == 1;
  thumbnail_ = shown ? std::make_unique<Thumbnail>(*small_, size) : nullptr;
}

void Gatherer::character(char32_t c, Ink ink, bool apart) {
  if (page_ > limits_.text_pages) return;
  const bool blank = c == ' ' || c == 0xa0 || c == '\t' || c == '\n' || c == '\r';
  if (facts_.text.size() < kMostText) {
    if ((apart || blank) && !facts_.text.empty() && facts_.text.back() != ' ') facts_.text += ' ';
    if (!blank) append_utf8(facts_.text, c < 0x20 ? 0xfffd : c);
  }
  if (blank) return;
  if (ink == Ink::kInvisible) ++facts_.invisible_chars;
  if (ink == Ink::kFaint) ++facts_.faint_chars;
  if (ink != Ink::kVisible) return;
  ++facts_.text_chars;
  if (page_ == 1) ++facts_.first_page_chars;
}

void Gatherer::picture(DrawnPicture& picture) {
  if (stop()) return;
  ++facts_.image_count;
  ++(page_ == 1 ? facts_.first_page_images : facts_.later_images);
  place(picture);
  if (page_ == 1) widen(picture);
  if (picture.object != 0) {
    if (!objects_.insert(picture.object).second) return again(picture);
  }
  ++facts_.image_distinct;
  if (facts_.images.size() >= limits_.images) return;
  picture.facts.page = page_;
  picture.facts.drawn = 1;
  describe_first(picture);
  if (picture.object != 0) known_[picture.object] = facts_.images.size();
  facts_.images.push_back(std::move(picture.facts));
}

void Gatherer::note_memory() {
  const uint64_t now = memory_in_use();
  facts_.memory = std::max(facts_.memory, now - std::min(now, memory_before_));
}

void Gatherer::finish() {
  facts_.fonts = fonts_.size();
  facts_.random_text = random_share(facts_.text);
  if (facts_.first_page_images == 0) return;
  facts_.unscaled = all_unscaled_;
  facts_.picture_width = std::max(0.0, box_.right - box_.left);
  facts_.picture_height = std::max(0.0, box_.bottom - box_.top);
  const double page_area = facts_.page_width * facts_.page_height;
  if (page_area > 0)
    facts_.picture_coverage = std::min(1.0, facts_.picture_width * facts_.picture_height / page_area);
  facts_.page_fits_picture = facts_.page_width <= facts_.picture_width * 1.3 + 20 &&
                             facts_.page_height <= facts_.picture_height * 1.3 + 20;
}

// Coverage and resolution, from where it is drawn.
void Gatherer::place(DrawnPicture& picture) const {
  ImageFacts& facts = picture.facts;
  const double width = picture.place.right - picture.place.left;
  const double height = picture.place.bottom - picture.place.top;
  const double seen_width = std::min(picture.place.right, size_.width) - std::max(picture.place.left, 0.0);
  const double seen_height = std::min(picture.place.bottom, size_.height) - std::max(picture.place.top, 0.0);
  const double page = size_.width * size_.height;
  if (seen_width > 0 && seen_height > 0 && page > 0) facts.coverage = seen_width * seen_height / page;
  if (!(width > 0) || !(height > 0) || !std::isfinite(width) || !std::isfinite(height)) return;
  const auto pixels_x = static_cast<double>(facts.width), pixels_y = static_cast<double>(facts.height);
  facts.dpi = std::sqrt(pixels_x * pixels_y / (width * height)) * 72;
  facts.unscaled =
      std::fabs(width - pixels_x) <= 1 + pixels_x * 0.01 && std::fabs(height - pixels_y) <= 1 + pixels_y * 0.01;
}

void Gatherer::widen(const DrawnPicture& picture) {
  const Placement& p = picture.place;
  if (!std::isfinite(p.left + p.right + p.top + p.bottom)) return;
  if (facts_.first_page_images == 1) {
    box_ = p;
  } else {
    box_ = {std::min(box_.left, p.left), std::min(box_.top, p.top), std::max(box_.right, p.right),
            std::max(box_.bottom, p.bottom)};
  }
  all_unscaled_ = all_unscaled_ && picture.facts.unscaled;
}

void Gatherer::again(const DrawnPicture& picture) {
  const auto found = known_.find(picture.object);
  if (found == known_.end()) return;
  ImageFacts& first = facts_.images[found->second];
  ++first.drawn;
  first.coverage = std::max(first.coverage, picture.facts.coverage);
}

// Of later pages only screenfuls can matter: advertisements come as such, and scans of many pages do not.
bool Gatherer::may_matter(const ImageFacts& facts) const {
  if (thumbnail_) return true;
  if (facts.width < kSmallest || facts.height < kSmallest || facts.coverage < kLeastCoverage) return false;
  return page_ == 1 || (facts.dpi < kScanDpi && facts.width <= kScreenful && facts.height <= kScreenful);
}

// Whether its pixels are worth a look, and no bomb.
bool Gatherer::has_pixels(const ImageFacts& facts) const {
  if (limits_.fingerprints == 0 || facts.mask || facts.width * facts.height > limits_.pixels) return false;
  if (facts.inline_image && facts.filter != "DCT") return false;
  return may_matter(facts);
}

// What costs next to nothing: the header of a JPEG.  Pixels wait until somebody wants them, but for those of a
// thumbnail, where one picture lies over the other.
void Gatherer::describe_first(DrawnPicture& picture) {
  ImageFacts& facts = picture.facts;
  if (facts.width * facts.height > limits_.pixels) facts_.oversized = true;
  const bool pixels = has_pixels(facts);
  if (pixels && (facts.inline_image || thumbnail_)) return decode(picture, facts);
  if (facts.filter == "DCT") {
    for (const size_t most : {kHeader, kLongHeader}) {
      facts.broken = false;
      const Bytes jpeg = picture.jpeg(most);
      read_jpeg(view(jpeg), false, limits_, deadline_, facts);
      if (!facts.broken || !pixels || jpeg.size() < most) break;
    }
  }
  if (!pixels) return;
  facts.skipped = true;
  facts.broken = false;  // who knows, before it was decoded
  pending_.push_back({facts_.images.size(), picture.keep()});
}

void Gatherer::decode(DrawnPicture& picture, ImageFacts& facts) {
  if (decoded_ >= limits_.fingerprints || stop()) return;
  facts.skipped = facts.broken = false;
  std::optional<Raster> raster;
  if (facts.filter == "DCT") {
    const Bytes jpeg = picture.jpeg(kMostJpeg);
    facts.bytes = jpeg.size();
    raster = read_jpeg(view(jpeg), true, limits_, deadline_, facts);
  } else {
    raster = picture.pixels(deadline_);
    facts.broken = !raster && !deadline_.passed();
  }
  note_memory();
  if (!raster) return;
  ++decoded_;
  if (thumbnail_) thumbnail_->paste(*raster, picture.place);
  describe(*raster, facts);
  auto print = fingerprint(*raster);
  facts.fingerprint = std::move(print.whole);
  facts.moved = std::move(print.moved);
}

void Gatherer::look(const std::vector<bool>& chosen) {
  stopped_ = false;
  for (const Pending& each : pending_) {
    if (each.place < chosen.size() && chosen[each.place]) decode(*each.picture, facts_.images[each.place]);
  }
  pending_.clear();
}

}  // namespace postern
