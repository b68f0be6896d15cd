// SPDX-License-Identifier: GPL-2.0-or-later
// JPEG by libjpeg-turbo: the facts of its header, and its picture at the smallest scale that still shows text.
// Entropy-decodes once, inverts the transform at 1/8 to 1/1 only; never keeps the full picture.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "pdf/pdf.h"
#include "pdf/raster.h"

namespace postern {

// Reads the header into `facts` and, if `wants_pixels` and the picture is within the limits, its pixels.
// Sets facts.broken when the data is no JPEG or ends the decoder.
std::optional<Raster> read_jpeg(std::string_view bytes, bool wants_pixels, const PdfLimits& limits, Deadline deadline,
                                ImageFacts& facts);

}  // namespace postern
