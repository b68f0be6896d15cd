// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/mime.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "mail/decode.h"
#include "mail/lines.h"
#include "mail/mime_cut.h"

namespace postern {
namespace {

bool holds_message(const ContentField& type) {
  return type.value == "message/rfc822" || type.value == "message/global" || type.value == "message/news";
}

bool is_multipart(const ContentField& type) { return type.value.starts_with("multipart/"); }

class Walker {
 public:
  Walker(const MimeLimits& limits, MimeVisitor& visitor)
      : limits_(limits), visitor_(visitor), decoded_left_(limits.decoded_bytes) {}

  void entity(HeaderBlock header, std::string_view body, size_t depth, size_t message_depth,
              std::string_view default_type);
  MimeSummary summary() const { return summary_; }

 private:
  bool enter_multipart(MimePart& part);
  bool enter_parts(const MimePart& part, const std::vector<std::string_view>& parts);
  bool enter_message(const MimePart& part, std::string_view decoded);
  std::string_view decode(MimePart& part, std::string& buffer);
  void uuencoded_files(const MimePart& part, std::string_view text);
  bool count_part();

  const MimeLimits& limits_;
  MimeVisitor& visitor_;
  size_t decoded_left_;
  MimeSummary summary_;
};

bool Walker::count_part() {
  if (summary_.parts >= limits_.parts) {
    summary_.limited = true;
    return false;
  }
  ++summary_.parts;
  return true;
}

void Walker::entity(HeaderBlock header, std::string_view body, size_t depth, size_t message_depth,
                    std::string_view default_type) {
  if (!count_part()) return;
  MimePart part;
  part.header = std::move(header);
  part.raw = body;
  part.depth = depth;
  part.message_depth = message_depth;
  const Field* type = part.header.find("Content-Type");
  if (type != nullptr) part.type = parse_content_field(type->raw);
  if (part.type.value.empty()) part.type.value = default_type;
  const Field* disposition = part.header.find("Content-Disposition");
  if (disposition != nullptr) part.disposition = parse_content_field(disposition->raw);
  part.name = file_name(part.type, part.disposition);
  const std::string encoding = part.header.value("Content-Transfer-Encoding");
  part.encoding = encoding.empty() ? "7bit" : lower(trim(encoding.substr(0, encoding.find_first_of(";("))));

  if (is_multipart(part.type) && enter_multipart(part)) return;
  std::string buffer;
  const std::string_view decoded = decode(part, buffer);
  if (holds_message(part.type) && enter_message(part, decoded)) return;
  visitor_.leaf(part, decoded);
  if (part.type.value.starts_with("text/") || part.no_boundary) uuencoded_files(part, decoded);
}

// False: its parts could not be found, or it is too deep.
bool Walker::enter_multipart(MimePart& part) {
  if (part.depth >= limits_.depth) {
    summary_.limited = true;
    return false;
  }
  if (enter_parts(part, cut_parts(part.raw, part.type.param("boundary"), limits_.parts))) return true;
  if (enter_parts(part, cut_parts(part.raw, guess_boundary(part.raw), limits_.parts))) return true;
  if (part.encoding == "base64" || part.encoding == "quoted-printable") {  // against RFC 2045 section 6.4
    std::string buffer;
    const std::string_view decoded = decode(part, buffer);
    if (enter_parts(part, cut_parts(decoded, part.type.param("boundary"), limits_.parts))) return true;
  }
  part.no_boundary = true;
  return false;
}

bool Walker::enter_parts(const MimePart& part, const std::vector<std::string_view>& parts) {
  if (parts.empty()) return false;
  visitor_.multipart(part);
  const std::string_view default_type = part.type.value == "multipart/digest" ? "message/rfc822" : "text/plain";
  for (const std::string_view text : parts) {
    if (summary_.parts >= limits_.parts) summary_.limited = true;
    if (summary_.limited && summary_.parts >= limits_.parts) break;
    HeaderBlock header = parse_header_block(text);
    const std::string_view body = text.substr(header.size);
    entity(std::move(header), body, part.depth + 1, part.message_depth, default_type);
  }
  return true;
}

// False: it does not start with a header, or it is too deep.
bool Walker::enter_message(const MimePart& part, std::string_view decoded) {
  if (part.depth >= limits_.depth) {
    summary_.limited = true;
    return false;
  }
  const std::string_view message = skip_blank_lines(decoded);
  HeaderBlock header = parse_header_block(message);
  if (header.fields.empty()) return false;
  visitor_.attached_message(part, header, message);
  const std::string_view body = message.substr(header.size);
  entity(std::move(header), body, part.depth + 1, part.message_depth + 1, "text/plain");
  return true;
}

// The part's bytes without their transfer encoding; a view of the message where there is nothing to decode.
std::string_view Walker::decode(MimePart& part, std::string& buffer) {
  const bool composite = holds_message(part.type) || is_multipart(part.type);
  Decoded decoded;
  if (part.encoding == "base64" && (!composite || looks_base64(part.raw))) {
    decoded = decode_base64(part.raw, decoded_left_);
  } else if (part.encoding == "quoted-printable" && (!composite || looks_quoted_printable(part.raw))) {
    decoded = decode_quoted_printable(part.raw, decoded_left_);
  } else if (part.encoding == "uuencode" || part.encoding == "x-uuencode" || part.encoding == "x-uue") {
    const size_t begin = find_uuencode(part.raw, 0);
    if (begin == std::string_view::npos) return part.raw;
    const size_t data = end_of_line(part.raw, begin);
    decoded = decode_uuencode(part.raw.substr(data), decoded_left_);
  } else {
    return part.raw;
  }
  part.truncated = decoded.truncated;
  if (decoded.truncated) summary_.limited = true;
  decoded_left_ -= decoded.bytes.size();
  buffer = std::move(decoded.bytes);
  return buffer;
}

void Walker::uuencoded_files(const MimePart& part, std::string_view text) {
  for (size_t at = find_uuencode(text, 0); at != std::string_view::npos; at = find_uuencode(text, at)) {
    if (!count_part()) return;
    const size_t data = end_of_line(text, at);
    size_t used = 0;
    Decoded decoded = decode_uuencode(text.substr(data), decoded_left_, &used);
    MimePart file;
    file.type.value = "application/octet-stream";
    file.name = uuencode_name(trim(text.substr(at, data - at)));
    file.encoding = "uuencode";
    file.raw = text.substr(at, data + used - at);
    file.depth = part.depth + 1;
    file.message_depth = part.message_depth;
    file.truncated = decoded.truncated;
    if (decoded.truncated) summary_.limited = true;
    decoded_left_ -= decoded.bytes.size();
    visitor_.leaf(file, decoded.bytes);
    at = data + used;
  }
}

}  // namespace

void MimeVisitor::attached_message(const MimePart&, const HeaderBlock&, std::string_view) {}
void MimeVisitor::multipart(const MimePart&) {}

MimeSummary walk_mime(std::string_view header, std::string_view body, const MimeLimits& limits,
                      MimeVisitor& visitor) {
  Walker walker(limits, visitor);
  walker.entity(parse_header_block(header), body, 0, 0, "text/plain");
  return walker.summary();
}

}  // namespace postern
