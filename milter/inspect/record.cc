// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/record.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

namespace postern {
namespace {

constexpr uint32_t kVersion = 4;

constexpr size_t string_cap(std::string_view name) { return name == "text" ? kMaxText : kMaxString; }

// The one description of the record, for the writer, the reader and the digest: all members of each(), then the
// lists that are structures themselves.
template <class Coder, class Facts>
void members(Coder& coder, Facts& facts) {
  std::remove_const_t<Facts>::each(
      facts, [&](std::string_view name, auto& member, std::string_view) { coder.value(name, member); });
}
template <class Coder, class Facts>
void walk(Coder& coder, Facts& facts) {
  using Plain = std::remove_const_t<Facts>;
  members(coder, facts);
  if constexpr (std::is_same_v<Plain, PdfFacts>) coder.list("images", facts.images, kMaxImages);
  if constexpr (std::is_same_v<Plain, BodyFacts>) {
    coder.list("attachments", facts.attachments, kMaxAttachments);
    coder.list("pdfs", facts.pdfs, kMaxPdfs);
    coder.list("images", facts.images, kMaxImages);
    walk(coder, facts.report);
  }
}

class Writer {
 public:
  void value(std::string_view, const bool& flag) { out_ += flag ? '\1' : '\0'; }
  void value(std::string_view, const uint64_t& number) { raw(number); }
  void value(std::string_view, const double& number) { raw(std::isfinite(number) ? number : 0.0); }
  void value(std::string_view name, const std::string& text) { string(text, string_cap(name)); }
  void value(std::string_view, const std::vector<std::string>& texts) {
    const size_t count = std::min(texts.size(), kMaxStrings);
    cut_ = cut_ || count < texts.size();
    raw(static_cast<uint16_t>(count));
    for (size_t i = 0; i < count; ++i) string(texts[i], kMaxString);
  }
  template <class T>
  void list(std::string_view, const std::vector<T>& items, size_t cap) {
    const size_t count = std::min(items.size(), cap);
    cut_ = cut_ || count < items.size();
    raw(static_cast<uint16_t>(count));
    for (size_t i = 0; i < count; ++i) walk(*this, items[i]);
  }
  bool cut() const { return cut_; }
  std::string take() { return std::move(out_); }

 private:
  template <class T>
  void raw(T number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    out_.append(bytes, sizeof number);
  }
  // A string that is cut is no loss worth a fact: readers of names and texts know that they are starts.
  void string(std::string_view text, size_t cap) {
    size_t size = std::min(text.size(), cap);
    if (size < text.size()) {
      for (int i = 0; i < 3 && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80; ++i) --size;
    }
    raw(static_cast<uint16_t>(size));
    out_.append(text.substr(0, size));
  }

  std::string out_;
  bool cut_ = false;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  void value(std::string_view name, bool& flag) {
    unsigned char byte = 0;
    raw(byte);
    if (byte > 1) fail(name, "is neither true nor false");
    flag = byte == 1;
  }
  void value(std::string_view, uint64_t& number) { raw(number); }
  void value(std::string_view name, double& number) {
    raw(number);
    if (std::isfinite(number)) return;
    fail(name, "is not finite");
    number = 0;
  }
  void value(std::string_view name, std::string& text) { string(name, text, string_cap(name)); }
  void value(std::string_view name, std::vector<std::string>& texts) {
    for (size_t left = count(name, kMaxStrings); left > 0 && fault_.empty(); --left) {
      string(name, texts.emplace_back(), kMaxString);
    }
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& items, size_t cap) {
    for (size_t left = count(name, cap); left > 0 && fault_.empty(); --left) walk(*this, items.emplace_back());
  }
  const std::string& fault() const { return fault_; }
  size_t left() const { return rest_.size(); }

 private:
  void fail(std::string_view name, std::string_view why) {
    if (fault_.empty()) fault_ = std::string(name) + " " + std::string(why);
    rest_ = {};
  }
  template <class T>
  void raw(T& number) {
    if (rest_.size() < sizeof number) return fail("record", "ends too early");
    std::memcpy(&number, rest_.data(), sizeof number);
    rest_.remove_prefix(sizeof number);
  }
  size_t count(std::string_view name, size_t cap) {
    uint16_t number = 0;
    raw(number);
    if (number > cap) fail(name, "has too many elements");
    return fault_.empty() ? number : 0;
  }
  void string(std::string_view name, std::string& text, size_t cap) {
    uint16_t size = 0;
    raw(size);
    if (size > cap) return fail(name, "is too long");
    if (size > rest_.size()) return fail("record", "ends too early");
    text.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  std::string fault_;
};

// FNV-1a over names, types and caps.
class Digest {
 public:
  void value(std::string_view name, const bool&) { add(name, 'b'); }
  void value(std::string_view name, const uint64_t&) { add(name, 'u'); }
  void value(std::string_view name, const double&) { add(name, 'd'); }
  void value(std::string_view name, const std::string&) { add(name, 's', string_cap(name)); }
  void value(std::string_view name, const std::vector<std::string>&) { add(name, 'S', kMaxStrings); }
  template <class T>
  void list(std::string_view name, const std::vector<T>&, size_t cap) {
    add(name, '[', cap);
    const T one{};
    walk(*this, one);
    add("", ']');
  }
  uint64_t result() const { return hash_; }

 private:
  void add(std::string_view name, char type, size_t cap = 0) {
    for (const char c : std::string(name) + type + std::to_string(cap)) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
  }
  uint64_t hash_ = 0xcbf29ce484222325ULL + kVersion;
};

constexpr uint32_t kTruncated = 1;
constexpr uint32_t kWantsPictures = 2;
constexpr uint32_t kAsks = 4;
constexpr uint32_t kWantsThumbnail = 8;

}  // namespace

std::string encode_facts(const BodyFacts& facts) {
  Writer writer;
  walk(writer, facts);
  if (!writer.cut() || facts.limited) return writer.take();
  BodyFacts limited = facts;
  limited.limited = true;
  Writer again;
  walk(again, limited);
  return again.take();
}

Result<BodyFacts> decode_facts(std::string_view bytes) {
  if (bytes.size() > kMaxRecord) return invalid("record is too long");
  BodyFacts facts;
  Reader reader(bytes);
  walk(reader, facts);
  if (!reader.fault().empty()) return invalid(reader.fault());
  if (reader.left() != 0) return invalid("record has bytes after its end");
  return facts;
}

std::string encode_thumbnail(const GreyPicture& picture) {
  const auto width = static_cast<uint16_t>(picture.width), height = static_cast<uint16_t>(picture.height);
  std::string out(sizeof width + sizeof height, '\0');
  std::memcpy(out.data(), &width, sizeof width);
  std::memcpy(out.data() + sizeof width, &height, sizeof height);
  return out.append(picture.pixels);
}

Result<GreyPicture> decode_thumbnail(std::string_view bytes) {
  uint16_t width = 0, height = 0;
  if (bytes.size() < sizeof width + sizeof height) return invalid("thumbnail ends too early");
  std::memcpy(&width, bytes.data(), sizeof width);
  std::memcpy(&height, bytes.data() + sizeof width, sizeof height);
  const std::string_view pixels = bytes.substr(sizeof width + sizeof height);
  if (width == 0 || height == 0 || width > GreyPicture::kMostSide || height > GreyPicture::kMostSide) {
    return invalid("thumbnail has a side that is none");
  }
  if (pixels.size() != static_cast<size_t>(width) * height) return invalid("thumbnail has another number of pixels");
  return GreyPicture{width, height, std::string(pixels)};
}

uint64_t record_digest() {
  static const uint64_t digest = [] {
    Digest result;
    const BodyFacts facts;
    walk(result, facts);
    return result.result();
  }();
  return digest;
}

RequestFrame request_frame(const InspectRequest& request) {
  RequestFrame frame;
  frame.flags = (request.truncated ? kTruncated : 0) | (request.wants_pictures ? kWantsPictures : 0) |
                (request.choose ? kAsks : 0) | (request.thumbnail != nullptr ? kWantsThumbnail : 0);
  frame.millis = static_cast<uint32_t>(std::clamp<int64_t>(request.time_limit.count(), 0, INT32_MAX));
  frame.header_size = static_cast<uint32_t>(request.header.size());
  frame.body_size = request.body.size();
  return frame;
}

Status read_request_frame(const RequestFrame& frame, InspectRequest& request, GreyPicture* thumbnail) {
  if (frame.magic != RequestFrame::kMagic) return invalid("request does not start with its magic number");
  constexpr uint32_t kKnown = kTruncated | kWantsPictures | kAsks | kWantsThumbnail;
  if ((frame.flags & ~kKnown) != 0) return invalid("request has unknown flags");
  if (frame.body_size > kMaxRequest || frame.header_size > kMaxRequest) return invalid("request is too long");
  request.truncated = (frame.flags & kTruncated) != 0;
  request.wants_pictures = (frame.flags & kWantsPictures) != 0;
  request.choose = nullptr;
  if ((frame.flags & kAsks) != 0) request.choose = [](const BodyFacts&) { return std::vector<bool>(); };
  request.thumbnail = (frame.flags & kWantsThumbnail) != 0 ? thumbnail : nullptr;
  request.time_limit = Millis(frame.millis);
  return Nothing{};
}

std::string choice_frame(const std::vector<bool>& chosen) {
  ChoiceFrame frame;
  frame.size = static_cast<uint32_t>(chosen.size());
  std::string out(sizeof frame, '\0');
  std::memcpy(out.data(), &frame, sizeof frame);
  for (const bool each : chosen) out += each ? '\1' : '\0';
  return out;
}

std::string answer_frame(AnswerFrame::Kind kind, std::string_view payload) {
  AnswerFrame frame;
  frame.kind = static_cast<uint32_t>(kind);
  frame.size = static_cast<uint32_t>(payload.size());
  std::string out(sizeof frame, '\0');
  std::memcpy(out.data(), &frame, sizeof frame);
  return out.append(payload);
}

Result<std::optional<Answer>> parse_answer(std::string_view bytes) {
  AnswerFrame frame;
  if (bytes.size() < sizeof frame) return std::optional<Answer>();
  std::memcpy(&frame, bytes.data(), sizeof frame);
  if (frame.magic != AnswerFrame::kMagic) return invalid("answer does not start with its magic number");
  constexpr auto kLastKind = static_cast<uint32_t>(AnswerFrame::Kind::kAsk);
  if (frame.kind < 1 || frame.kind > kLastKind || frame.reserved != 0) return invalid("answer is of an unknown kind");
  if (frame.size > kMaxRecord) return invalid("answer is too long");
  if (bytes.size() - sizeof frame < frame.size) return std::optional<Answer>();
  return std::optional<Answer>(Answer{static_cast<AnswerFrame::Kind>(frame.kind),
                                      bytes.substr(sizeof frame, frame.size), sizeof frame + frame.size});
}

}  // namespace postern
