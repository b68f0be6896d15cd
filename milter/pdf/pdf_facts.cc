// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "pdf/document.h"
#include "pdf/fingerprint.h"
#include "pdf/jpeg.h"
#include "pdf/pdf.h"
#include "pdf/pdf_text.h"
#include "pdf/thumbnail.h"

namespace postern {

namespace {

constexpr size_t kMostText = 8192;        // bytes of text that are kept
constexpr size_t kHeaderSpan = 1024;      // %PDF- must stand within (as Acrobat and the standard's notes have it)
constexpr uint64_t kSmallest = 32;        // pixels each way below which a picture is an ornament
constexpr double kLeastCoverage = 0.015;  // of the page; below it a picture is not worth its decoding
constexpr double kScanDpi = 125;          // scanners read at this resolution at least
constexpr uint64_t kScreenful = 1024;     // pixels each way

// Gathers what one page after the other draws.
class Gatherer final : public PageVisitor {
 public:
  Gatherer(const PdfLimits& limits, Deadline deadline, PdfFacts& facts, GreyPicture* small)
      : limits_(limits), deadline_(deadline), facts_(facts), small_(small) {}

  void begin_page(unsigned number, PageSize size) {
    page_ = number;
    size_ = size;
    thumbnail_.reset();
    if (small_ != nullptr && number == 1) thumbnail_.emplace(*small_, size);
  }

  void character(char32_t c, Ink ink, bool apart) override {
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

  void font(int object) override { fonts_.insert(object); }
  bool stop() override { return stopped_ = stopped_ || deadline_.passed(); }

  void picture(DrawnPicture& picture) override {
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
    look(picture);
    if (picture.object != 0) known_[picture.object] = facts_.images.size();
    facts_.images.push_back(std::move(picture.facts));
  }

  void finish() {
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

 private:
  // Coverage and resolution, from where it is drawn.
  void place(DrawnPicture& picture) const {
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

  void widen(const DrawnPicture& picture) {
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

  void again(const DrawnPicture& picture) {
    const auto found = known_.find(picture.object);
    if (found == known_.end()) return;
    ImageFacts& first = facts_.images[found->second];
    ++first.drawn;
    first.coverage = std::max(first.coverage, picture.facts.coverage);
  }

  // Of later pages only screenfuls can matter: advertisements come as such, and scans of many pages do not.
  bool may_matter(const ImageFacts& facts) const {
    if (thumbnail_) return true;
    if (facts.width < kSmallest || facts.height < kSmallest || facts.coverage < kLeastCoverage) return false;
    return page_ == 1 || (facts.dpi < kScanDpi && facts.width <= kScreenful && facts.height <= kScreenful);
  }

  // Cheapest first: the header of a JPEG always, pixels only where they can matter.
  void look(DrawnPicture& picture) {
    ImageFacts& facts = picture.facts;
    const bool wanted = decoded_ < limits_.fingerprints && !facts.mask &&
                        facts.width * facts.height <= limits_.pixels && may_matter(facts);
    if (facts.width * facts.height > limits_.pixels) facts_.oversized = true;
    std::optional<Raster> raster;
    if (facts.filter == "DCT") {
      const std::string jpeg = picture.jpeg(wanted ? 64U << 20 : 4096);
      if (wanted) facts.bytes = jpeg.size();
      raster = read_jpeg(jpeg, wanted, limits_, deadline_, facts);
    } else if (wanted && !facts.inline_image) {
      raster = picture.pixels(deadline_);
      facts.broken = !raster && !deadline_.passed();
    }
    if (!raster) return;
    ++decoded_;
    if (thumbnail_) thumbnail_->paste(*raster, picture.place);
    describe(*raster, facts);
    auto print = fingerprint(*raster);
    facts.fingerprint = std::move(print.whole);
    facts.moved = std::move(print.moved);
  }

  const PdfLimits& limits_;
  Deadline deadline_;
  PdfFacts& facts_;
  GreyPicture* small_;                  // null: nobody wants one
  std::optional<Thumbnail> thumbnail_;  // on the page that it shows
  unsigned page_ = 0;
  PageSize size_;
  Placement box_;
  bool all_unscaled_ = true;
  bool stopped_ = false;
  unsigned decoded_ = 0;
  std::set<int> objects_;
  std::map<int, size_t> known_;  // object number -> place in facts_.images
  std::set<int> fonts_;
};

// Sizes in points, upright, within 2 %: ISO 216 A3 to A6, B5, Letter, Legal, Executive, Tabloid.
bool is_paper(PageSize size) {
  static constexpr std::array<std::array<double, 2>, 9> kSizes{{{842, 1191},
                                                                {595, 842},
                                                                {420, 595},
                                                                {298, 420},
                                                                {499, 709},
                                                                {612, 792},
                                                                {612, 1008},
                                                                {522, 756},
                                                                {792, 1224}}};
  const double shorter = std::min(size.width, size.height), longer = std::max(size.width, size.height);
  return std::any_of(kSizes.begin(), kSizes.end(), [&](const auto& paper) {
    return std::fabs(shorter - paper[0]) <= paper[0] * 0.02 && std::fabs(longer - paper[1]) <= paper[1] * 0.02;
  });
}

void note_header(std::string_view bytes, PdfFacts& facts) {
  facts.bytes = bytes.size();
  const size_t at = bytes.substr(0, kHeaderSpan + 4).find("%PDF-");
  if (at == std::string_view::npos) return;
  facts.header_offset = at;
  for (const char c : bytes.substr(at + 5, 4)) {
    if ((c < '0' || c > '9') && c != '.') break;
    facts.version += c;
  }
}

void examine_pages(Document& document, const PdfLimits& limits, Deadline deadline, PdfFacts& facts,
                   GreyPicture* thumbnail) {
  Gatherer gatherer(limits, deadline, facts, thumbnail);
  const auto pages =
      static_cast<unsigned>(std::min<uint64_t>(facts.pages, std::max(limits.text_pages, limits.image_pages)));
  for (unsigned page = 1; page <= pages && !gatherer.stop(); ++page) {
    const PageSize size = document.page_size(page);
    if (page == 1) {
      facts.page_width = size.width;
      facts.page_height = size.height;
      facts.paper_size = is_paper(size);
    }
    gatherer.begin_page(page, size);
    if (page <= limits.text_pages) document.read_links(page, facts);
    if (!document.walk(page, gatherer)) facts.oversized = true;
  }
  facts.timeout = gatherer.stop();
  gatherer.finish();
}

}  // namespace

PdfFacts pdf_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline, GreyPicture* thumbnail) {
  PdfFacts facts;
  const int64_t start = steady_micros();
  try {
    note_header(bytes, facts);
    prepare_pdf();
    if (deadline.passed()) {
      facts.timeout = true;
      return facts;
    }
    const auto document = open_document(bytes);
    document->describe(facts);
    if (facts.opened) examine_pages(*document, limits, deadline, facts, thumbnail);
    facts.errors = document->errors();
  } catch (const std::exception&) {  // out of memory, or what Poppler lets escape
    facts.broken = true;
  }
  facts.micros = static_cast<uint64_t>(std::max<int64_t>(0, steady_micros() - start));
  return facts;
}

}  // namespace postern
