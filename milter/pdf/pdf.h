// SPDX-License-Identifier: GPL-2.0-or-later
// Facts of a PDF and of pictures, by Poppler and libjpeg-turbo.  Called in the jail only.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "pdf/grey_picture.h"
#include "policy/facts.h"

namespace postern {

struct PdfLimits {
  unsigned text_pages = 3;       // pages whose text is read
  unsigned image_pages = 12;     // pages whose pictures are listed
  unsigned images = 32;          // pictures described
  unsigned fingerprints = 8;     // pictures decoded
  uint64_t pixels = 50'000'000;  // a picture that claims more is not decoded
};

// Call once before the jail closes: Poppler's tables and the time zone are read from disk.
void prepare_pdf();

// One PDF: first all that costs little, then the pixels of those pictures that somebody wants.
class PdfReading {
 public:
  // Reads everything but pixels; `bytes` must outlive it.  Checks the deadline between steps and stops early with the
  // facts found so far and timeout = true.  Never throws.
  // `thumbnail`, if given, must outlive it too, and gets page 1: pictures, areas, lines, and a bar for each character.
  // Patterns, shades, stencils and pictures inside the page's own text are left out.  Pixels are looked at here, in the
  // order in which they are drawn.  It is left as it is where nothing can be seen.
  PdfReading(std::string_view bytes, const PdfLimits& limits, Deadline deadline, GreyPicture* thumbnail = nullptr);
  ~PdfReading();
  PdfReading(const PdfReading&) = delete;
  PdfReading& operator=(const PdfReading&) = delete;

  PdfFacts facts;
  // Whether there are pictures whose pixels can be looked at: those that are `skipped` so far.
  bool pending() const;
  // Looks at those that are chosen, by their place in facts.images, at most limits.fingerprints of them, and closes the
  // document.
  void look(const std::vector<bool>& chosen, Deadline deadline);

 private:
  struct Open;
  template <class Step>
  void measured(Step&& step);
  std::unique_ptr<Open> open_;
};

// The same at once, with the pixels of all pictures that may be worth a look.
PdfFacts pdf_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline,
                   GreyPicture* thumbnail = nullptr);
// Facts of one JPEG file or raw DCT stream; of its header only where limits.fingerprints is 0, and then `skipped` says
// whether its pixels can be looked at.
ImageFacts jpeg_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline);

}  // namespace postern
