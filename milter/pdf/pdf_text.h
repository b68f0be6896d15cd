// SPDX-License-Identifier: GPL-2.0-or-later
// Small readers for the texts inside a PDF: strings, XMP packets, the headers of JPEG 2000 and JBIG2, and words that
// are none. Plain functions over bytes; no library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/facts.h"

namespace postern {

// A PDF text string (ISO 32000-1 section 7.9.2.2) as UTF-8: UTF-16 by its mark, else PDFDocEncoding, of which only
// ASCII and Latin-1 are kept.
std::string pdf_string(std::string_view bytes);
// Takes producer, creator, title, author and keywords from an XMP packet where the Info dictionary has none.
void read_xmp(std::string_view packet, PdfFacts& facts);
// Width times height that a JPEG 2000 codestream claims (ISO 15444-1 annex A.5.1); 0 if no header is found.
uint64_t jpx_pixels(std::string_view bytes);
// Width times height of the first page that an embedded JBIG2 stream claims (ITU-T T.88 section 7.4.8), where an
// unknown height counts as none; 0 if no page is found.
uint64_t jbig2_pixels(std::string_view bytes);
// Part of the words of `text` that no language would have: changing case, digits inside, no vowels.  0 to 1.
double random_share(std::string_view text);

}  // namespace postern
