// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/report.h"

#include <algorithm>

#include "base/strings.h"
#include "mail/address.h"
#include "mail/charset.h"
#include "mail/html.h"
#include "mail/lines.h"
#include "mail/quoted.h"

namespace postern {
namespace {

constexpr size_t kMaxFound = 8;          // stamps and Message-IDs kept of one report
constexpr size_t kMaxRecipients = 16;    // from status fields
constexpr size_t kMaxProse = 8;          // from prose
constexpr size_t kMaxText = 256 * 1024;  // of one text: real originals start within 64 kB
constexpr size_t kMaxDiagnostic = 500;

void add_once(std::vector<std::string>& to, std::string value, size_t max) {
  if (!value.empty() && to.size() < max && std::find(to.begin(), to.end(), value) == to.end()) {
    to.push_back(std::move(value));
  }
}

// Addresses of the machinery, which prose names but is hardly ever about.
bool is_daemon(std::string_view address) {
  const std::string local = lower(local_of(address));
  return local == "mailer-daemon" || local == "postmaster" || local == "daemon" || local == "abuse";
}

bool is_status_type(std::string_view type) {
  return type == "message/delivery-status" || type == "message/global-delivery-status" ||
         type == "message/xdelivery-status";
}

bool ends_nocase(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && equal_nocase(text.substr(text.size() - end.size()), end);
}

// A part that holds a header, or a message that the walk did not enter.
bool may_hold_header(const MimePart& part) {
  const std::string& type = part.type.value;
  if (type.find("rfc822") != std::string::npos || type == "message/global-headers" || type == "message/partial")
    return true;
  if (type.starts_with("text/") || type.starts_with("multipart/")) return false;
  return type.starts_with("message/") || ends_nocase(part.name, ".eml") || ends_nocase(part.name, ".msg") ||
         ends_nocase(part.name, ".hdr") || ends_nocase(part.name, ".txt");
}

// "rfc822;user@example.com" -> "user@example.com"
std::string_view after_type(std::string_view value) {
  const size_t semicolon = value.find(';');
  return semicolon == std::string_view::npos ? value : trim(value.substr(semicolon + 1));
}

// Whether the last line speaks of a delay; used only where the shape says nothing else.
bool speaks_of_delay(std::string_view subject) {
  const std::string text = lower(subject);
  return text.find("delay") != std::string::npos || text.find("warning") != std::string::npos;
}

}  // namespace

void ReportReader::multipart(const MimePart& part) {
  if (part.message_depth > 0) return;
  if (report_type_.empty()) report_type_ = lower(part.type.param("report-type"));
  if (report_type_.empty() && part.type.value == "multipart/report") report_type_ = "report";
}

void ReportReader::attached_message(const MimePart& part, const HeaderBlock& header, std::string_view) {
  if (looks_like_message_header(header) || header.fields.size() > 2) read_original(header, !part.truncated);
}

void ReportReader::leaf(const MimePart& part, std::string_view decoded) {
  const std::string& type = part.type.value;
  const std::string_view text = decoded.substr(0, kMaxText);
  const bool outermost = part.message_depth == 0;
  if (is_status_type(type)) {
    has_status_ |= outermost;
    // A scanner may have wrapped the whole report into another that has no status of its own.
    if (outermost || (!has_status_ && !report_type_.empty())) {
      read_status(text);
      read_text(text, true);  // where the next boundary is misspelt, the original is in here
    }
  } else if (type == "message/disposition-notification") {
    has_mdn_ |= outermost;
    read_text(text, false);
  } else if (type == "message/feedback-report") {
    has_feedback_ |= outermost;
    read_text(text, false);
  } else if (may_hold_header(part)) {
    const std::string_view start = text.substr(std::min(text.find_first_not_of("\r\n \t"), text.size()));
    const HeaderBlock header = parse_header_block(start);
    if (looks_like_message_header(header)) read_original(header, true);
    if (outermost) read_text(text, true);
  } else if (type == "text/html" && outermost) {
    read_text(html_to_text(to_utf8(decoded.substr(0, 4 * kMaxText), part.type.param("charset")), kMaxText), false);
  } else if (outermost && (type.starts_with("text/") || part.no_boundary)) {
    if (part.no_boundary && find_nocase(text, "delivery-status") != std::string_view::npos) {
      has_status_ = true;
      read_status(text);
    }
    const std::string_view charset = part.type.param("charset");
    if (charset.empty()) {
      read_text(text, true);
    } else {
      read_text(to_utf8(text, charset), true);
    }
  }
}

// The fields of RFC 3464 sections 2.2 and 2.3; blank lines between the groups do not matter here.
void ReportReader::read_status(std::string_view text) {
  while (!text.empty()) {
    const HeaderBlock block = parse_header_block(text);
    for (const Field& field : block.fields) {
      const std::string value = unfold(field.raw);
      if (equal_nocase(field.name, "Action")) {
        failed_ |= starts_nocase(value, "fail");
        delayed_ |= starts_nocase(value, "delay");
        delivered_ |=
            starts_nocase(value, "deliver") || starts_nocase(value, "relay") || starts_nocase(value, "expand");
      } else if (equal_nocase(field.name, "Original-Recipient")) {
        for (auto& found : find_addresses(after_type(value), 1)) {
          original_recipients_.insert(original_recipients_.begin(), std::move(found));
        }
      } else if (equal_nocase(field.name, "Final-Recipient") || equal_nocase(field.name, "X-Actual-Recipient")) {
        for (auto& found : find_addresses(after_type(value), kMaxRecipients)) {
          add_once(original_recipients_, std::move(found), kMaxRecipients);
        }
      } else if (equal_nocase(field.name, "Diagnostic-Code") && report_.diagnostic.empty()) {
        report_.diagnostic = std::string(after_type(value)).substr(0, kMaxDiagnostic);
      }
    }
    if (block.fields.empty() && !block.ended) {  // no field: go on with the next line
      LineReader lines(text);
      std::string_view line;
      lines.next(line);
      text.remove_prefix(lines.offset());
    } else {
      text.remove_prefix(block.size);
    }
    if (original_recipients_.size() > kMaxRecipients) original_recipients_.resize(kMaxRecipients);
  }
}

void ReportReader::add_prose_recipients(std::string_view text) {
  for (std::string& address : find_addresses(text, kMaxProse)) {
    if (!is_daemon(address)) add_once(text_recipients_, std::move(address), kMaxProse);
  }
}

// `trusted_layout`: line breaks are those of the sender, so that a block can be whole.
void ReportReader::read_text(std::string_view text, bool trusted_layout) {
  const auto blocks = find_quoted_blocks(text);
  for (const QuotedBlock& block : blocks) {
    const HeaderBlock header = parse_header_block(block.text);
    read_original(header, trusted_layout && block.ended && looks_whole(header));
  }
  LooseFields loose{std::move(report_.stamps), std::move(report_.message_ids)};
  find_loose_fields(text, kMaxFound, loose);
  report_.stamps = std::move(loose.stamps);
  report_.message_ids = std::move(loose.message_ids);
  const std::string_view own = text.substr(0, blocks.empty() ? text.size() : blocks.front().start);
  add_prose_recipients(own);
}

void ReportReader::read_original(const HeaderBlock& block, bool whole) {
  report_.quotes_original = true;
  report_.quotes_headers_fully |= whole;
  std::string return_path, from;
  for (const Field& field : block.fields) {
    if (equal_nocase(field.name, kStampField)) {
      add_once(report_.stamps, std::string(unfold(field.raw)), kMaxFound);
    } else if (equal_nocase(field.name, "Message-ID")) {
      for (std::string& id : find_message_ids(unfold(field.raw), 1))
        add_once(report_.message_ids, std::move(id), kMaxFound);
    } else if (equal_nocase(field.name, "Return-Path")) {
      return_path = field_address(unfold(field.raw));
    } else if (equal_nocase(field.name, "From") && from.empty()) {
      from = field_address(unfold(field.raw));
    } else if (equal_nocase(field.name, "To")) {
      for (auto& to : find_addresses(unfold(field.raw), kMaxProse)) add_once(addressees_, std::move(to), kMaxProse);
    }
  }
  if (report_.quoted_sender.empty()) report_.quoted_sender = return_path.empty() ? from : return_path;
}

DeliveryReport ReportReader::finish(std::string_view header, std::string_view body) {
  const HeaderBlock top = parse_header_block(header);
  if (has_feedback_ || report_type_ == "feedback-report") {
    report_.shape = "feedback";
  } else if (has_mdn_ || report_type_ == "disposition-notification") {
    report_.shape = "mdn";
  } else if (has_status_ && (failed_ || delayed_ || delivered_)) {
    report_.shape = failed_ ? "failure" : delayed_ ? "delay" : "success";
  } else if (has_status_ || !report_type_.empty()) {
    report_.shape = speaks_of_delay(top.value("Subject")) ? "delay" : "failure";
  }
  if (report_.stamps.empty()) {  // whatever MIME made of it
    LooseFields loose;
    find_loose_fields(body, kMaxFound, loose);
    report_.stamps = std::move(loose.stamps);
    if (report_.message_ids.empty() && !report_.shape.empty()) report_.message_ids = std::move(loose.message_ids);
  }
  report_.failed_recipients = std::move(original_recipients_);
  for (auto& address : find_addresses(decode_words(top.value("X-Failed-Recipients")), kMaxRecipients)) {
    add_once(report_.failed_recipients, std::move(address), kMaxRecipients);
  }
  for (auto* more : {&text_recipients_, &addressees_}) {
    for (std::string& address : *more) {
      add_once(report_.failed_recipients, std::move(address), kMaxRecipients + 2 * kMaxProse);
    }
  }
  return std::move(report_);
}

DeliveryReport read_report(std::string_view header, std::string_view body, const MimeLimits& limits) {
  ReportReader reader;
  walk_mime(header, body, limits, reader);
  return reader.finish(header, body);
}

}  // namespace postern
