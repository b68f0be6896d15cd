// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/digest_mail.h"

#include "mail/address.h"
#include "mail/encode.h"
#include "portal/page.h"

namespace postern {
namespace {

std::string day(UnixTime time) { return iso_time(time).substr(0, 10); }

struct Words {
  std::string subject, from, why, arrived, expires;
};

Words words_of(const DigestMail& mail, const DigestEntry& entry) {
  Words out;
  out.subject = unlinked(entry.summary.subject);
  out.from = unlinked(entry.summary.from);
  out.why = why_of(entry.summary);
  if (entry.arrived > 0) out.arrived = day(entry.arrived);
  if (entry.arrived > 0 && mail.life > 0) out.expires = day(entry.arrived + mail.life);
  return out;
}

std::string headline(const DigestMail& mail) {
  return mail.count == 1 ? "One new message waits in your quarantine"
                         : std::to_string(mail.count) + " new messages wait in your quarantine";
}

std::string remainder(const DigestMail& mail) {
  if (mail.count <= mail.entries.size()) return "";
  return "The quarantine has " + std::to_string(mail.count - mail.entries.size()) + " more, older than these.";
}

constexpr std::string_view kIntroduction =
    "What lies there was taken for spam or for a forged bounce and did not come to your inbox. Nothing needs to be "
    "done: "
    "what nobody releases goes by itself.";

std::string plain_text(const DigestMail& mail) {
  std::string out = headline(mail) + ".\n\n" + std::string(kIntroduction) +
                    "\n\nTo look at it, and to release what is wanted:\n" + mail.link + "\n";
  size_t number = 0;
  for (const DigestEntry& entry : mail.entries) {
    const Words words = words_of(mail, entry);
    out += "\n" + std::to_string(++number) + ". " + words.subject + "\n   From:    " + words.from + "\n   Why:     " +
           words.why + "\n";
    if (!words.arrived.empty()) out += "   Arrived: " + words.arrived + "\n";
    if (!words.expires.empty()) out += "   Expires: " + words.expires + "\n";
    out += "   " + entry.link + "\n";
  }
  if (const std::string more = remainder(mail); !more.empty()) out += "\n" + more + "\n";
  return out + "\nA link only opens the quarantine; nothing happens until you press a button there.\n";
}

std::string html(const DigestMail& mail) {
  Values values("digest");
  set(values, "HEADLINE", headline(mail));
  set(values, "INTRODUCTION", kIntroduction);
  set(values, "LINK", mail.link);
  for (const DigestEntry& entry : mail.entries) {
    const Words words = words_of(mail, entry);
    Values& one = *values.AddSectionDictionary("MAIL");
    set(one, "SUBJECT", words.subject);
    set(one, "FROM", words.from);
    set(one, "WHY", words.why);
    set(one, "LINK", entry.link);
    if (!words.arrived.empty()) set(*one.AddSectionDictionary("ARRIVED"), "DAY", words.arrived);
    if (!words.expires.empty()) set(*one.AddSectionDictionary("EXPIRES"), "DAY", words.expires);
  }
  if (const std::string more = remainder(mail); !more.empty()) set(*values.AddSectionDictionary("MORE"), "WORDS", more);
  return filled("digest.tpl", values);
}

std::string part(const std::string& boundary, std::string_view type, std::string_view text) {
  return "--" + boundary + "\nContent-Type: " + std::string(type) +
         "; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n" + encode_quoted_printable(text) + "\n";
}

}  // namespace

std::string message_link(std::string_view portal_url, uint32_t uid, uint32_t validity) {
  return std::string(portal_url) + "/quarantine/message?uid=" + std::to_string(uid) +
         "&validity=" + std::to_string(validity);
}

std::string digest_mail(const DigestMail& mail) {
  const std::string boundary = "=_" + mail.id;  // "=_" never stands in quoted-printable
  return "From: Mail quarantine <" + mail.from + ">\nTo: <" + mail.to + ">\nSubject: " + headline(mail) +
         "\nDate: " + mail_date(mail.now) + "\nMessage-ID: <" + mail.id + "@" + std::string(domain_of(mail.from)) +
         ">\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nMIME-Version: 1.0\n"
         "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\n\n" +
         part(boundary, "text/plain", plain_text(mail)) + part(boundary, "text/html", html(mail)) + "--" + boundary +
         "--\n";
}

}  // namespace postern
