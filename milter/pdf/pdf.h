// SPDX-License-Identifier: GPL-2.0-or-later
// Facts of a PDF and of pictures, by Poppler and libjpeg-turbo.  Called in the jail only.
#pragma once

#include <string_view>

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
// Looks at one PDF; `bytes` must outlive the call.  Checks the deadline between steps and stops early with the facts
// found so far and timeout = true.  Never throws.  `thumbnail`, if given, gets the pictures of page 1 as they stand on
// it (stencils and pictures inside the page's own text are left out) and is left as it is where there are none.
PdfFacts pdf_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline,
                   GreyPicture* thumbnail = nullptr);
// Facts of one JPEG file or raw DCT stream.
ImageFacts jpeg_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline);

}  // namespace postern
