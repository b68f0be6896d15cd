// SPDX-License-Identifier: GPL-2.0-or-later
// The small readers of texts, picture headers and contents inside a PDF, on any bytes: what they give is bounded by
// what they got, a share is a share, and from what is left of a content nothing more can be left out.
#include <cstdint>
#include <string>
#include <string_view>

#include "pdf/pdf_text.h"
#include "pdf/picture_content.h"
#include "test/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string text = pdf_string(bytes);
  demand(text.size() <= 2 * size);
  demand(is_share(random_share(text)));
  PdfFacts facts;
  read_xmp(bytes, facts);
  for (const std::string* each : {&facts.producer, &facts.creator, &facts.title, &facts.author, &facts.keywords}) {
    demand(each->size() <= 512);
  }
  demand(size >= 24 || jpx_pixels(bytes) + jbig2_pixels(bytes.substr(0, 18)) == 0);
  jpx_pixels(bytes);
  jbig2_pixels(bytes);
  const auto never = [] { return false; };
  for (const bool with_text : {false, true}) {
    const PictureContent found = picture_content(bytes, with_text, never);
    demand(found.content.size() <= 2 * size);
    if (found.whole) continue;
    const PictureContent again = picture_content(found.content, with_text, never);
    demand(!again.whole && again.content == found.content && again.drawn == found.drawn &&
           again.states == found.states);
    demand(with_text ? again.fonts == found.fonts : again.fonts.empty());
  }
  return 0;
}
