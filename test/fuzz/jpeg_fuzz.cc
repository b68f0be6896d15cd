// SPDX-License-Identifier: GPL-2.0-or-later
// The facts of a JPEG and its fingerprint, on any bytes: no error of the decoder gets out, nothing larger than the
// limit is decoded, and what is said of a picture stays in its range.
#include <cstdint>
#include <string_view>

#include "pdf/pdf.h"
#include "test/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  PdfLimits limits;
  limits.pixels = 500'000;
  const ImageFacts facts =
      jpeg_facts({reinterpret_cast<const char*>(data), size}, limits, Deadline::after(Millis(1000)));
  demand(facts.bytes == size && facts.quality <= 100);
  demand(!facts.decoded || facts.real_width * facts.real_height <= limits.pixels);
  demand(facts.colours <= 4096 && facts.text_lines <= facts.real_height + facts.real_width);
  for (const double share : {facts.paper, facts.edges, facts.dots, facts.border_noise}) demand(is_share(share));
  demand(facts.line_height >= 0);  // of the shorter side, measured along the longer one: may exceed 1
  demand(facts.fingerprint.empty() || (facts.decoded && facts.fingerprint.size() == 64));
  return 0;
}
