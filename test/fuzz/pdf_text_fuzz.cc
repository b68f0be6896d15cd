// SPDX-License-Identifier: GPL-2.0-or-later
// The small readers of texts and picture headers inside a PDF, on any bytes: what they give is bounded by what they
// got, and a share is a share.
#include <cstdint>
#include <string>
#include <string_view>

#include "pdf/pdf_text.h"
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
  return 0;
}
