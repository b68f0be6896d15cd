// SPDX-License-Identifier: GPL-2.0-or-later
// The MIME walk, the decoders, and the text of HTML, on any bytes: a whole message, header and body.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/charset.h"
#include "mail/html.h"
#include "mail/mime.h"
#include "mail/subject.h"

namespace {

using namespace postern;

struct Visitor : MimeVisitor {
  void leaf(const MimePart& part, std::string_view decoded) override {
    total += decoded.size();
    if (part.depth > 17) std::abort();  // limit, and one for a uuencoded file
    const std::string text = to_utf8(decoded.substr(0, 20000), part.type.param("charset"));
    if (part.type.value == "text/html") {
      const std::string seen = html_to_text(text, 4000);
      if (seen.size() > 4100 || count_visible(seen) > seen.size()) std::abort();
    }
  }
  size_t total = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const HeaderBlock header = parse_header_block(message);
  if (header.size > size) std::abort();
  Visitor visitor;
  MimeLimits limits;
  limits.depth = 16;
  limits.parts = 200;
  limits.decoded_bytes = 100'000;
  const MimeSummary summary = walk_mime(message.substr(0, header.size), message.substr(header.size), limits, visitor);
  if (summary.parts > limits.parts) std::abort();
  const std::string subject = header.value("Subject");
  if (tag_subject(tag_subject(subject, "[X] "), "[X] ") != tag_subject(subject, "[X] ")) std::abort();
  return 0;
}
