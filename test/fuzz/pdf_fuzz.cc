// SPDX-License-Identifier: GPL-2.0-or-later
// The facts of a PDF and a small picture of its first page, on any bytes.  Whatever they are: nothing of ours reads
// out of bounds or throws, the limits hold, and shares are shares.  Poppler may crash on some; in the daemon that is
// what the jail is for.
#include <cmath>
#include <cstdint>
#include <string_view>

#include "pdf/pdf.h"
#include "test/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  PdfLimits limits;
  limits.text_pages = 2;
  limits.image_pages = 4;
  limits.images = 8;
  limits.fingerprints = 2;
  limits.pixels = 500'000;
  GreyPicture small;
  const PdfFacts facts =
      pdf_facts({reinterpret_cast<const char*>(data), size}, limits, Deadline::after(Millis(1000)), &small);
  demand(small.width <= GreyPicture::kMostSide && small.height <= GreyPicture::kMostSide);
  demand(small.pixels.size() == size_t{small.width} * small.height);
  demand(facts.bytes == size && facts.header_offset < 1024);
  demand(facts.images.size() <= limits.images && facts.image_distinct <= facts.image_count);
  demand(facts.first_page_images + facts.later_images == facts.image_count);
  demand(facts.first_page_chars <= facts.text_chars && facts.text.size() <= 8200 && facts.urls.size() <= 16);
  demand(is_share(facts.random_text) && is_share(facts.picture_coverage));
  for (const ImageFacts& image : facts.images) {
    demand(image.page >= 1 && image.page <= limits.image_pages && !std::isnan(image.coverage));
    demand(image.fingerprint.empty() || (image.decoded && image.fingerprint.size() == 64));
  }
  return 0;
}
