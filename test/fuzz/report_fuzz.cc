// SPDX-License-Identifier: GPL-2.0-or-later
// The report reader and the header block finder, on any bytes: a whole message, header and body.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/address.h"
#include "mail/quoted.h"
#include "mail/report.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const HeaderBlock header = parse_header_block(message);
  MimeLimits limits;
  limits.parts = 200;
  const DeliveryReport report = read_report(message.substr(0, header.size), message.substr(header.size), limits);
  if (report.stamps.size() > 8 || report.message_ids.size() > 8 || report.failed_recipients.size() > 40) std::abort();
  for (const auto& id : report.message_ids) {
    if (id != clean_message_id(id)) std::abort();
  }
  for (const QuotedBlock& block : find_quoted_blocks(message)) {
    if (block.start > size || parse_header_block(block.text).fields.empty()) std::abort();
  }
  for (const auto& address : find_addresses(message)) {
    if (domain_of(address).empty() || clean_address(address).empty()) std::abort();
  }
  return 0;
}
