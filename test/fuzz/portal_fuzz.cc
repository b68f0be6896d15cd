// SPDX-License-Identifier: GPL-2.0-or-later
// What the portal reads by hand, on any bytes: targets, forms and cookies of browsers, responses of IMAP servers,
// lists of users, and messages as words.  The worst that may come of it is that nothing is understood: what is, is
// UTF-8; what is shown of a message holds no control characters, and what is told of it outside no URL.
#include <cstdint>
#include <string>
#include <string_view>

#include "mail/decode.h"
#include "mail/encode.h"
#include "portal/http.h"
#include "portal/imap_reply.h"
#include "portal/message_view.h"
#include "portal/user_name.h"
#include "test/fuzz/demand.h"

namespace {

using namespace postern;

void browser(std::string_view text) {
  if (const auto target = parse_target(text)) {
    demand(is_utf8(target->path) && target->path.starts_with('/'));
    demand(target->path.find("..") == std::string::npos || target->path.find("/../") == std::string::npos);
    demand(target->path.find('\0') == std::string::npos && target->path.find('\n') == std::string::npos);
  }
  if (const auto form = parse_form(text)) {
    demand(form->size() <= 64);
    for (const auto& [name, value] : *form) {
      demand(is_utf8(name) && is_utf8(value));
      const auto again = parse_form("x=" + url_escaped(value));
      demand(again && again->at("x") == value);
    }
  }
  (void)find_cookie(text, "__Host-postern");
  (void)forwarded_client(text);
}

void server(std::string_view text) {
  constexpr size_t kMost = 4096;
  const auto end = response_end(text, kMost);
  if (!end) return;
  demand(*end <= text.size());
  if (*end > 0) demand(text.substr(0, *end).ends_with("\r\n"));
  const auto response = parse_response(text.substr(0, *end));
  if (!response) return;
  size_t bytes = 0;
  for (const ImapValue& each : *response) {
    bytes += each.text.size();
    (void)fetch_item(each, "BODY");
  }
  demand(bytes <= text.size());
}

void clean(std::string_view text, std::string_view kept) {
  demand(is_utf8(text));
  demand(text.find("\xef\xbf\xbe") == std::string_view::npos && text.find("\xef\xbf\xbf") == std::string_view::npos);
  for (const char c : text) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    demand(!control || kept.find(c) != std::string_view::npos);
  }
}

void message(std::string_view text) {
  const MessageView view = view_message(text, 4096);
  clean(view.text, "\n\t");
  demand(view.text.size() <= 3 * 4096 + 200);
  for (const std::string* each : {&view.summary.from, &view.summary.to, &view.summary.subject, &view.summary.date,
                                  &view.summary.why, &view.summary.rules}) {
    clean(*each, "");
  }
  for (const std::string* each : {&view.summary.subject, &view.summary.from}) {
    const std::string told = unlinked(*each);
    clean(told, "");
    demand(told.find("://") == std::string::npos && told.size() <= 3 * 310);
  }
  for (const auto& each : view.attachments) clean(each.name, ""), clean(each.type, "");
}

void files(std::string_view text) {
  for (const std::string& each : user_list(text)) {
    const auto user = user_of(each, "");
    demand(!user || user->name.find_first_of(" \r\n<>*\"") == std::string::npos);
  }
  const std::string coded = encode_quoted_printable(text);
  demand(decode_quoted_printable(coded, 2 * text.size() + 1).bytes == text);
  size_t start = 0;
  for (size_t end = coded.find('\n'); end != std::string::npos; start = end + 1, end = coded.find('\n', start)) {
    demand(end - start <= 76);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  browser(text);
  server(text);
  message(text);
  files(text);
  return 0;
}
