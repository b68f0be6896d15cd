// SPDX-License-Identifier: GPL-2.0-or-later
// The whole inspection of a message outside its jail, on any bytes: header, empty line, body.  It ends in time,
// never throws, and its facts fit the record that goes to the daemon.  Poppler may crash on some; see pdf_fuzz.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "inspect/examine.h"
#include "inspect/record.h"
#include "mail/header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const size_t header = parse_header_block(message).size;
  InspectRequest request;
  request.header = message.substr(0, header);
  request.body = message.substr(header);
  request.time_limit = Millis(1000);
  const BodyFacts facts = examine(request);
  if (!facts.inspected || facts.pdfs.size() > kMaxPdfs || facts.attachments.size() > kMaxAttachments) std::abort();
  const std::string record = encode_facts(facts);
  if (record.size() > kMaxRecord || !decode_facts(record).ok()) std::abort();
  return 0;
}
