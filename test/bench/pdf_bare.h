// SPDX-License-Identifier: GPL-2.0-or-later
// The bare library calls behind the facts of a PDF: what Poppler and libjpeg-turbo cost when nothing is made of what
// they say.  Only the benchmark uses it; it trusts its input.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::bench {

struct Floor {
  uint64_t characters = 0, pictures = 0, decoded = 0, rows = 0;
};

// Opens the document, reads Info and XMP, walks the pages that pdf_facts() walks, and decodes those pictures that are
// chosen by their place in PdfFacts::images, JPEG at the same scale and as planes where that will do.
Floor bare_calls(const std::string& bytes, const std::vector<bool>& chosen);

}  // namespace postern::bench
