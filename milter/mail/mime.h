// SPDX-License-Identifier: GPL-2.0-or-later
// A walk through the parts of a message (RFC 2045, 2046): every leaf is offered decoded to a visitor, whatever its
// type says, and attached messages are entered.  Bounded in depth, parts and decoded bytes; wrong or missing
// boundaries are tolerated.  Keeps nothing, never fails.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mail/content_type.h"
#include "mail/header.h"

namespace postern {

struct MimeLimits {
  size_t depth = 32;                        // multiparts and attached messages inside each other
  size_t parts = 2000;                      // entities in all
  size_t decoded_bytes = size_t{64} << 20;  // over all leaves
};

// One entity: a multipart, an attached message, or a leaf.  Views live only during the call.
struct MimePart {
  HeaderBlock header;
  ContentField type;  // "text/plain" where none is given
  ContentField disposition;
  std::string name;          // file name, decoded; empty if none
  std::string encoding;      // content transfer encoding in lower case; "7bit" if none; "uuencode" for inner files
  std::string_view raw;      // body as it stands in the message
  size_t depth = 0;          // 0: the message itself
  size_t message_depth = 0;  // how many attached messages it is inside of
  bool truncated = false;    // a limit cut its decoded bytes
  bool no_boundary = false;  // a multipart whose parts could not be found: offered as a leaf
};

class MimeVisitor {
 public:
  virtual ~MimeVisitor() = default;
  // A part without parts of its own, or a file uuencoded inside a text (offered after the text).
  virtual void leaf(const MimePart& part, std::string_view decoded) = 0;
  // An attached message that is about to be entered; `header` is its own, `decoded` all of it.
  virtual void attached_message(const MimePart& part, const HeaderBlock& header, std::string_view decoded);
  // A multipart that is about to be entered.
  virtual void multipart(const MimePart& part);
};

struct MimeSummary {
  size_t parts = 0;      // entities seen
  bool limited = false;  // a limit was reached: something was not looked at
};

// Walks a message given as its header (at least the Content-* fields) and its body.
MimeSummary walk_mime(std::string_view header, std::string_view body, const MimeLimits& limits, MimeVisitor& visitor);

}  // namespace postern
