// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/message_facts.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/clock.h"
#include "base/strings.h"
#include "mail/address.h"
#include "mail/content_type.h"
#include "mail/header.h"

namespace postern {
namespace {

const std::string& value_of(const std::vector<HeaderField>& headers, std::string_view name) {
  static const std::string none;
  for (const HeaderField& field : headers) {
    if (equal_nocase(field.name, name)) return field.value;
  }
  return none;
}

bool has(const std::vector<HeaderField>& headers, std::string_view name) {
  for (const HeaderField& field : headers) {
    if (equal_nocase(field.name, name)) return true;
  }
  return false;
}

// Thunderbird before version 3 wrote <8 hex digits of the Unix time>.<3, 5 or 7 digits>@ as its Message-ID: measured
// on 301 genuine messages of 2007 and 2008, all of which agree with their Date within two seconds.
bool is_old_thunderbird(std::string_view mailer) {
  const size_t at = mailer.find("Thunderbird ");
  if (at == std::string_view::npos || at + 13 >= mailer.size()) return false;
  const char major = mailer[at + 12];
  return major >= '0' && major <= '2' && mailer[at + 13] == '.';
}

std::optional<UnixTime> thunderbird_time(std::string_view message_id) {
  if (message_id.size() < 12 || message_id[0] != '<' || message_id[9] != '.') return std::nullopt;
  UnixTime time = 0;
  for (const char c : message_id.substr(1, 8)) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'A' && c <= 'F')) return std::nullopt;
    time = time * 16 + (digit ? c - '0' : c - 'A' + 10);
  }
  const size_t at = message_id.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const size_t digits = at - 10;
  const bool known = (digits == 3 || digits == 5 || digits == 7) && to_uint(message_id.substr(10, digits));
  return known ? std::optional<UnixTime>(time) : std::nullopt;
}

bool agent_time_wrong(const MessageFacts& facts, std::string_view date) {
  constexpr UnixTime kSlack = 60;  // two seconds would do on what was measured
  if (!is_old_thunderbird(facts.mailer) || facts.message_id.empty()) return false;
  const auto written = parse_mail_date(date);
  const auto claimed = thunderbird_time(facts.message_id);
  if (!written) return false;
  return !claimed || std::llabs(*claimed - *written) > kSlack;
}

// Local parts under which mail systems write (RFC 2142, RFC 3464 section 2, and what real bounces show).
bool is_daemon_address(std::string_view address) {
  constexpr std::array<std::string_view, 12> kNames{"mailer-daemon", "mailerdaemon", "mail-daemon",   "postmaster",
                                                    "post_master",   "mdaemon",      "mail-delivery", "maildelivery",
                                                    "daemon",        "bounce",       "ndr",           "failmaster"};
  const std::string local = lower(local_of(address));
  for (const std::string_view name : kNames) {
    if (local.find(name) != std::string::npos) return true;
  }
  return false;
}

bool is_report_subject(std::string_view subject) {
  constexpr std::array<std::string_view, 24> kWords{
      "undeliver", "deliver",   "returned",  "return to sender", "failure", "failed",   "bounce",    "rejected",
      "not sent",  "unknown",   "mail error", "delayed",         "warning", "quota",    "mailbox",   "unzustellbar",
      "non remis", "devuelto",  "rebot",     "could not",        "problem", "error",    "auto",      "out of"};
  const std::string text = lower(subject);
  for (const std::string_view word : kWords) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

void read_headers(const std::vector<HeaderField>& headers, MessageFacts& facts) {
  facts.from = decode_words(value_of(headers, "From"));
  facts.from_address = address_key(field_address(value_of(headers, "From")));
  facts.subject = decode_words(value_of(headers, "Subject"));
  facts.message_id = clean_message_id(value_of(headers, "Message-ID"));
  facts.mailer = has(headers, "User-Agent") ? value_of(headers, "User-Agent") : value_of(headers, "X-Mailer");
  facts.auto_submitted = lower(value_of(headers, "Auto-Submitted"));
  facts.precedence = lower(value_of(headers, "Precedence"));
  const std::string& type = value_of(headers, "Content-Type");
  facts.content_type = type.empty() ? "text/plain" : content_value(type);
  facts.agent_time_wrong = agent_time_wrong(facts, value_of(headers, "Date"));
}

bool maybe_automatic(const std::vector<HeaderField>& headers, const MessageFacts& facts) {
  return facts.null_sender || is_daemon_address(facts.sender) || is_daemon_address(facts.from_address) ||
         (!facts.auto_submitted.empty() && facts.auto_submitted != "no") || has(headers, "X-Failed-Recipients") ||
         is_report_subject(facts.subject);
}

bool may_hold_pictures(const MessageFacts& facts) {
  static constexpr std::array<std::string_view, 5> kStarts{"multipart/mixed", "multipart/related", "application/pdf",
                                                           "application/octet-stream", "image/"};
  return std::any_of(kStarts.begin(), kStarts.end(), [&facts](std::string_view start) {
    return equal_nocase(std::string_view(facts.content_type).substr(0, start.size()), start);
  });
}

void compare_attachments(const BodyFacts& body, MessageFacts& facts) {
  constexpr size_t kMinStem = 4;
  for (const AttachmentFacts& attachment : body.attachments) {
    const std::string_view name = attachment.name;
    const std::string_view stem = name.substr(0, name.rfind('.'));
    if (stem.size() >= kMinStem && find_nocase(facts.subject, stem) != std::string_view::npos) {
      facts.subject_is_attachment = true;
      return;
    }
  }
}

}  // namespace postern
