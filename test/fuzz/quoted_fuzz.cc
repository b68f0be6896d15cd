// SPDX-License-Identifier: GPL-2.0-or-later
// The finder of quoted header blocks and of single fields, on any text: every block starts inside of the text, holds
// fields, is no longer than what it was cut from, and no more is found than was asked for.
#include <cstdint>
#include <string_view>

#include "mail/quoted.h"
#include "test/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t max = data[0] % 8U;
  const auto blocks = find_quoted_blocks(text, max);
  demand(blocks.size() <= max);
  for (const QuotedBlock& block : blocks) {
    demand(block.start <= text.size() && block.text.size() <= text.size() - block.start + 1);
    const HeaderBlock header = parse_header_block(block.text);
    demand(!header.fields.empty());
    demand(!looks_whole(header) || looks_like_message_header(header));
  }
  LooseFields loose;
  find_loose_fields(text, max, loose);
  demand(loose.stamps.size() <= max && loose.message_ids.size() <= max);
  return 0;
}
