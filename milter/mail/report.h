// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what automatic mail says about an earlier message: its kind by MIME shape (RFC 3464, 6522, 8098, 5965), the
// recipients that it is about, and whatever it quotes of the original's header, wherever real software puts that:
// message/rfc822, text/rfc822-headers, message/global*, attached *.eml, or inlined in text, indented, "> " quoted,
// in HTML, or in broken MIME.  Collects, believes nothing: bounce/verify checks what is found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/mime.h"

namespace postern {

inline constexpr std::string_view kStampField = "X-Postern-ID";

struct DeliveryReport {
  std::string shape;                           // failure, delay, success, mdn, feedback, or empty
  bool quotes_original = false;                // a header block of another message was found
  bool quotes_headers_fully = false;           // that block is whole
  std::vector<std::string> stamps;             // X-Postern-ID values in quoted originals
  std::vector<std::string> message_ids;        // Message-IDs of quoted originals, with <>
  std::vector<std::string> failed_recipients;  // addresses that the report is about, likeliest first
  std::string quoted_sender;                   // Return-Path or From of the quoted original
  std::string diagnostic;                      // first diagnostic text
};

// Fed by walk_mime(), directly or through another visitor; finish() is called once.
class ReportReader : public MimeVisitor {
 public:
  void leaf(const MimePart& part, std::string_view decoded) override;
  void attached_message(const MimePart& part, const HeaderBlock& header, std::string_view decoded) override;
  void multipart(const MimePart& part) override;
  // `header` as given to walk_mime(), and the body as it stands, for a last look at what MIME did not show.
  DeliveryReport finish(std::string_view header, std::string_view body);

 private:
  void read_status(std::string_view text);
  void read_text(std::string_view text, bool trusted_layout);
  void read_original(const HeaderBlock& block, bool whole);
  void add_prose_recipients(std::string_view text);

  DeliveryReport report_;
  std::vector<std::string> original_recipients_;  // Original-Recipient, Final-Recipient
  std::vector<std::string> text_recipients_;      // from prose
  std::vector<std::string> addressees_;           // To of the quoted original
  std::string report_type_;
  bool failed_ = false, delayed_ = false, delivered_ = false;
  bool has_status_ = false, has_mdn_ = false, has_feedback_ = false;
};

// The whole of it for one message.
DeliveryReport read_report(std::string_view header, std::string_view body, const MimeLimits& limits = {});

}  // namespace postern
