// SPDX-License-Identifier: GPL-2.0-or-later
// The small record in which a worker hands the facts of a body to the daemon, and the fixed frames around it and
// around a request.  Made from the each() lists of policy/facts.h, so a new fact needs no line here.
// The decoder takes its bytes for hostile: every string and list has a cap, nothing is allocated because a length
// says so, every byte must be accounted for.  It never throws and reads no file descriptor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "inspect/inspector.h"
#include "policy/facts.h"

namespace postern {

// Caps.  encode_facts() cuts what is longer (strings at a UTF-8 character) and drops what is too many, and then says
// `limited`; decode_facts() refuses it.
inline constexpr size_t kMaxText = 4096;   // members named "text"
inline constexpr size_t kMaxString = 512;  // all other strings
inline constexpr size_t kMaxStrings = 64;  // of a list of strings
inline constexpr size_t kMaxAttachments = 64;
inline constexpr size_t kMaxPdfs = 16;
inline constexpr size_t kMaxImages = 32;          // of one PDF, and of the message
inline constexpr size_t kMaxRecord = 24 << 20;    // bytes of one encoded record; a test computes that it suffices
inline constexpr uint64_t kMaxRequest = 1 << 30;  // bytes of one body

std::string encode_facts(const BodyFacts& facts);
Result<BodyFacts> decode_facts(std::string_view bytes);
// Width and height in 16 bits each, then the pixels.  The decoder refuses a side of 0 or beyond kMostSide and any other
// number of pixels.
std::string encode_thumbnail(const GreyPicture& picture);
Result<GreyPicture> decode_thumbnail(std::string_view bytes);
// Stands for the record's layout: names and types of all members, caps, version.  Daemon and inspector compare it
// once, so that a daemon never reads the record of an inspector of another build.
uint64_t record_digest();

// Ahead of each request: `header_size` bytes of InspectRequest::header and `body_size` of its body stand in the
// RequestWindow, or follow if that is too small for both.
struct RequestFrame {
  static constexpr uint32_t kMagic = 0x50734951;
  uint32_t magic = kMagic;
  uint32_t flags = 0;   // bit 0 truncated, bit 1 wants_pictures, bit 2 asks which, bit 3 a thumbnail is wanted
  uint32_t millis = 0;  // time limit for the worker
  uint32_t header_size = 0;
  uint64_t body_size = 0;
};
RequestFrame request_frame(const InspectRequest& request);
// Takes over flags and time limit; fails on a wrong magic, unknown flags or sizes beyond the caps.  `thumbnail` becomes
// the request's where one is wanted, else null.  (A request that asks has a `choose` afterwards, which the worker
// replaces by one that asks the daemon.)
Status read_request_frame(const RequestFrame& frame, InspectRequest& request, GreyPicture* thumbnail);

// Ahead of each answer; `size` bytes follow.
struct AnswerFrame {
  static constexpr uint32_t kMagic = 0x50734941;
  enum class Kind : uint32_t {
    kHello = 1,     // the jail is closed: the 8 bytes of record_digest()
    kFault = 2,     // the jail could not be closed: a sentence
    kInterim = 3,   // facts known before a risky step; more will follow
    kFacts = 4,     // all facts; the worker waits for the next request
    kLastFacts = 5,  // all facts; the worker ends now, so that a fresh one takes its place
    kThumbnail = 6,  // ahead of all facts, where one was asked for and there is one: encode_thumbnail()
    kAsk = 7         // facts but for pixels of pictures: the worker waits for a ChoiceFrame
  };
  uint32_t magic = kMagic;
  uint32_t kind = 0;
  uint32_t size = 0;
  uint32_t reserved = 0;
};
// The daemon's answer to kAsk; `size` bytes follow, one for each picture in the order of for_each_picture(): 1 means
// that it is to be decoded.
struct ChoiceFrame {
  static constexpr uint32_t kMagic = 0x50734943;
  uint32_t magic = kMagic;
  uint32_t size = 0;
};
std::string choice_frame(const std::vector<bool>& chosen);
std::string answer_frame(AnswerFrame::Kind kind, std::string_view payload);
// Looks at the frame at the start of `bytes`: nothing if it is not complete yet, an error if it can be none.
struct Answer {
  AnswerFrame::Kind kind;
  std::string_view payload;
  size_t consumed;  // bytes of frame and payload
};
Result<std::optional<Answer>> parse_answer(std::string_view bytes);

}  // namespace postern
