// SPDX-License-Identifier: GPL-2.0-or-later
// What a hostile worker may send: the record decoder and the frames, on any bytes.  What is accepted is inside the
// caps, and written again it is accepted again and unchanged.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "inspect/record.h"
#include "test/fuzz/demand.h"

namespace {

using namespace postern;

void check_record(std::string_view bytes) {
  const auto facts = decode_facts(bytes);
  if (!facts) return;
  demand(facts->pdfs.size() <= kMaxPdfs && facts->attachments.size() <= kMaxAttachments);
  demand(facts->text.size() <= kMaxText && facts->images.size() <= kMaxImages);
  const std::string written = encode_facts(*facts);
  const auto again = decode_facts(written);
  demand(again.ok() && encode_facts(*again) == written);
}

void check_thumbnail(std::string_view bytes) {
  const auto picture = decode_thumbnail(bytes);
  if (!picture) return;
  demand(picture->width <= GreyPicture::kMostSide && picture->height <= GreyPicture::kMostSide && !picture->empty());
  demand(encode_thumbnail(*picture) == bytes);
}

void check_request(std::string_view bytes) {
  RequestFrame frame;
  if (bytes.size() < sizeof frame) return;
  std::memcpy(&frame, bytes.data(), sizeof frame);
  InspectRequest request;
  if (!read_request_frame(frame, request, nullptr).ok()) return;
  demand(frame.body_size <= kMaxRequest && request.time_limit.count() >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_record(bytes);
  check_request(bytes);
  check_thumbnail(bytes);
  const auto answer = parse_answer(bytes);
  if (answer.ok() && answer->has_value()) {
    demand((*answer)->consumed <= size && (*answer)->payload.size() <= kMaxRecord);
    check_record((*answer)->payload);
  }
  return 0;
}
