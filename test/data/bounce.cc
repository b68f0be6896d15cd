// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "test/data/messages.h"

namespace postern::testdata {

namespace {

constexpr int64_t kNow = 1719300000;  // 25 June 2024
constexpr std::string_view kHost = "mx.example.net";

std::string bare_address(std::string_view field) {
  const size_t open = field.find('<');
  const size_t close = field.find('>', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return std::string(field);
  return std::string(field.substr(open + 1, close - open - 1));
}

std::string without_cr(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != '\r') out += c;
  }
  return out;
}

std::string notice(const std::string& recipient, const std::string& diagnostic) {
  const std::string host(kHost);
  return "This is the mail system at host " + host +
         ".\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients. "
         "It's attached below.\n\nFor further assistance, please send mail to postmaster.\n\nIf you do so, please "
         "include this problem report. You can\ndelete your own text from the attached returned message.\n\n"
         "                   The mail system\n\n<" +
         recipient + ">: " + diagnostic + "\n";
}

}  // namespace

std::string make_bounce(std::string_view original_bytes, const BounceShape& shape) {
  const std::string original = without_cr(original_bytes);
  const std::string recipient =
      shape.recipient.empty() ? bare_address(header_value(original, "To")) : shape.recipient;
  Random random(shape.seed * 77 + 5);
  const std::string queue = random.text(10, "0123456789ABCDEF");
  const std::string host(kHost);
  const std::string mark = queue + "." + std::to_string(kNow) + "/" + host;
  const std::string date = mail_date(kNow + random.between(0, 86400));
  const std::string diagnostic = "host mail.example.net[192.0.2.25] said: 550 5.1.1 <" + recipient +
                                 ">:\n    Recipient address rejected: User unknown (in reply to RCPT TO command)";
  std::string out = "Date: " + date + "\nFrom: MAILER-DAEMON@" + host +
                    " (Mail Delivery System)\nSubject: Undelivered Mail Returned to Sender\nTo: " + shape.sender +
                    "\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n";
  const std::string id = "Message-Id: <" + std::to_string(kNow) + "." + queue + "@" + host + ">\n";
  const size_t header_end = original.find("\n\n");
  const std::string header = original.substr(0, header_end == std::string::npos ? original.size() : header_end + 1);
  if (shape.quote == Quote::kText) {
    return out + "Content-Type: text/plain; charset=us-ascii\n" + id + "\n" + notice(recipient, diagnostic) +
           "\n------ This is a copy of the message, including all the headers. ------\n\n" + original;
  }
  out += "Content-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"" + mark + "\"\n" + id +
         "\nThis is a MIME-encapsulated message.\n\n--" + mark +
         "\nContent-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\n" +
         notice(recipient, diagnostic) + "\n--" + mark +
         "\nContent-Description: Delivery report\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; " +
         host + "\nX-Postfix-Queue-ID: " + queue + "\nX-Postfix-Sender: rfc822; " + shape.sender +
         "\nArrival-Date: " + date + "\n\nFinal-Recipient: rfc822; " + recipient + "\nOriginal-Recipient: rfc822;" +
         recipient +
         "\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mail.example.net\nDiagnostic-Code: smtp; 550 5.1.1 <" +
         recipient + ">: Recipient address\n    rejected: User unknown\n\n--" + mark + "\n";
  if (shape.quote == Quote::kHeader) {
    out += "Content-Description: Undelivered Message Headers\nContent-Type: text/rfc822-headers\n\nReturn-Path: <" +
           shape.sender + ">\n" + header;
  } else {
    out += "Content-Description: Undelivered Message\nContent-Type: message/rfc822\n\nReturn-Path: <" + shape.sender +
           ">\n" + original;
  }
  return out + "\n--" + mark + "--\n";
}

}  // namespace postern::testdata
