// SPDX-License-Identifier: GPL-2.0-or-later
// The text that a reader sees when the message is opened: unnamed text parts of the message itself, of alternatives
// (RFC 2046 section 5.1.4) the HTML form where there is one, HTML without its markup, uuencoded files left out.
// Counts all of it, keeps its start.  Fed by the MIME walk in its order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail/mime.h"

namespace postern {

class VisibleText {
 public:
  explicit VisibleText(size_t keep) : keep_(keep) {}

  // Whether a leaf is text that is shown in the message, not an attachment.
  static bool shows(const MimePart& part);
  void enter_multipart(const MimePart& part);
  void add(const MimePart& part, std::string_view decoded);

  uint64_t characters() const;  // UTF-8 code points that are not blank
  std::string start() const;    // at most about `keep` bytes

 private:
  struct Open {
    size_t depth;
    size_t group;  // 0: no alternatives
  };
  struct Piece {
    std::string start;
    uint64_t characters = 0;
    size_t group = 0;
    bool html = false;
  };
  size_t group_at(size_t depth);
  bool hidden(const Piece& piece) const;

  size_t keep_;
  size_t groups_ = 0;
  std::vector<Open> open_;  // multiparts that the walk is inside of, outermost first
  std::vector<Piece> pieces_;
};

}  // namespace postern
