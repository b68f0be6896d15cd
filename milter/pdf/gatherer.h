// SPDX-License-Identifier: GPL-2.0-or-later
// Gathers what one page after the other draws, as facts, and keeps the pictures whose pixels may be asked for later.
// Knows no PDF library.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "base/clock.h"
#include "pdf/document.h"
#include "pdf/pdf.h"
#include "pdf/thumbnail.h"
#include "policy/facts.h"

namespace postern {

// Bytes that this process has allotted.
uint64_t memory_in_use();

class Gatherer final : public PageVisitor {
 public:
  // All must outlive it.  `small` null: nobody wants a thumbnail.
  Gatherer(const PdfLimits& limits, const Deadline& deadline, PdfFacts& facts, GreyPicture* small)
      : limits_(limits), deadline_(deadline), facts_(facts), small_(small), memory_before_(memory_in_use()) {}

  void begin_page(unsigned number, PageSize size);
  void character(char32_t c, Ink ink, bool apart) override;
  void font(int object) override { fonts_.insert(object); }
  void picture(DrawnPicture& picture) override;
  PageSketch* sketch() override { return thumbnail_.get(); }
  bool stop() override { return stopped_ = stopped_ || deadline_.passed(); }
  // After the first page and after the last; to add up what is allotted takes time.
  void note_memory();
  // After the last page: facts that need them all.
  void finish();

  // Whether there are pictures whose pixels can be looked at: those that are `skipped`.
  bool pending() const { return !pending_.empty(); }
  // Looks at the pixels of those that are chosen, by their place in facts.images, and lets go of all of them.
  void look(const std::vector<bool>& chosen);

 private:
  struct Pending {
    size_t place;  // in facts_.images
    std::unique_ptr<DrawnPicture> picture;
  };
  void place(DrawnPicture& picture) const;
  void widen(const DrawnPicture& picture);
  void again(const DrawnPicture& picture);
  bool may_matter(const ImageFacts& facts) const;
  bool has_pixels(const ImageFacts& facts) const;
  void describe_first(DrawnPicture& picture);
  void decode(DrawnPicture& picture, ImageFacts& facts);

  const PdfLimits& limits_;
  const Deadline& deadline_;
  PdfFacts& facts_;
  GreyPicture* const small_;
  std::unique_ptr<Thumbnail> thumbnail_;  // on the page that it shows
  unsigned page_ = 0;
  PageSize size_;
  Placement box_;
  const uint64_t memory_before_;
  bool all_unscaled_ = true;
  bool stopped_ = false;
  unsigned decoded_ = 0;
  std::vector<Pending> pending_;
  std::set<int> objects_;
  std::map<int, size_t> known_;  // object number -> place in facts_.images
  std::set<int> fonts_;
};

}  // namespace postern
