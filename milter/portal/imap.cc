// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/imap.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxResponse = size_t{8} << 20;
constexpr size_t kSetSize = 500;  // UIDs in one command
constexpr std::string_view kListed = "BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE X-POSTERN-VERDICT)]";

std::string base64(std::string_view bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // its NUL
  return out;
}

Error away(std::string_view why) { return unavailable("the IMAP server " + std::string(why)); }

bool is(const std::vector<ImapValue>& response, size_t index, std::string_view word) {
  return response.size() > index && equal_nocase(response[index].text, word);
}

uint32_t number(const ImapValue* value) {
  return value == nullptr ? 0 : static_cast<uint32_t>(to_uint(value->text, UINT32_MAX).value_or(0));
}

// "17-Jul-1996 02:44:25 -0700".
UnixTime internal_date(const ImapValue* value) {
  if (value == nullptr) return 0;
  std::string text = value->text;
  for (int i = 0; i < 2; ++i) {
    const size_t dash = text.find('-');
    if (dash != std::string::npos && dash < 8) text[dash] = ' ';
  }
  return parse_mail_date(text).value_or(0);
}

// The value of a response code: "[UIDVALIDITY 3857529045] UIDs valid" has 3857529045 for UIDVALIDITY.
std::optional<std::string_view> code_of(std::string_view text, std::string_view name) {
  if (!text.starts_with('[') || !starts_nocase(text.substr(1), name)) return std::nullopt;
  text.remove_prefix(1 + name.size());
  if (!text.starts_with(' ')) return std::nullopt;
  return text.substr(1, text.find(']') - 1);
}

std::string set_of(const std::vector<uint32_t>& uids) {
  std::string out;
  for (const uint32_t uid : uids) out += (out.empty() ? "" : ",") + std::to_string(uid);
  return out;
}

}  // namespace

ImapConnection::~ImapConnection() {
  if (curl_ == nullptr) return;
  (void)send("Z LOGOUT\r\n");
  curl_easy_cleanup(curl_);
}

Status ImapConnection::connect(const std::string& url) {
  curl_ = curl_easy_init();
  if (curl_ == nullptr) return away("cannot be reached: libcurl does not start");
  // CONNECT_ONLY with an HTTP scheme gives a bare connection, for https with TLS and the certificate checked.
  const bool tls = url.starts_with("imaps://");
  std::string place = url.substr(url.find("://") + 3);
  const bool has_port =
      place.find(':', place.rfind(']') == std::string::npos ? 0 : place.rfind(']')) != std::string::npos;
  if (!has_port) place += tls ? ":993" : ":143";
  const std::string target = (tls ? "https://" : "http://") + place;
  curl_easy_setopt(curl_, CURLOPT_URL, target.c_str());
  curl_easy_setopt(curl_, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(curl_, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_easy_setopt(curl_, CURLOPT_PROXY, "");
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, std::max<long>(static_cast<long>(deadline_.left().count()), 1));
  const CURLcode code = curl_easy_perform(curl_);
  if (code != CURLE_OK) return away(std::string("cannot be reached: ") + curl_easy_strerror(code));
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &socket);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);  // sendmail(1) is no business of it
  return Nothing{};
}

Status ImapConnection::wait(bool to_write) const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &socket);
  pollfd entry{socket, static_cast<short>(to_write ? POLLOUT : POLLIN), 0};
  if (::poll(&entry, 1, static_cast<int>(deadline_.left().count())) <= 0) {
    return timed_out("the IMAP server does not answer in time");
  }
  return Nothing{};
}

Status ImapConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t sent = 0;
    const CURLcode code = curl_easy_send(curl_, bytes.data(), bytes.size(), &sent);
    if (code == CURLE_AGAIN) {
      const Status ready = wait(true);
      if (!ready.ok()) return ready;
      continue;
    }
    if (code != CURLE_OK) return away("closed the connection");
    bytes.remove_prefix(sent);
  }
  return Nothing{};
}

Result<std::vector<ImapValue>> ImapConnection::receive() {
  std::array<char, 16384> piece{};
  for (;;) {
    const auto end = response_end(buffer_, kMaxResponse);
    if (!end) return away("answers with too much");
    if (*end > 0) {
      auto response = parse_response(std::string_view(buffer_).substr(0, *end));
      buffer_.erase(0, *end);
      if (!response) return away("answers with what is no IMAP");
      return std::move(*response);
    }
    size_t got = 0;
    const CURLcode code = curl_easy_recv(curl_, piece.data(), piece.size(), &got);
    if (code == CURLE_AGAIN) {
      const Status ready = wait(false);
      if (!ready.ok()) return ready.error();
      continue;
    }
    if (code != CURLE_OK || got == 0) return away("closed the connection");
    buffer_.append(piece.data(), got);
  }
}

Result<ImapConnection::Answer> ImapConnection::finish(const std::string& tag) {
  Answer answer;
  for (;;) {
    auto response = receive();
    if (!response.ok()) return response.error();
    if (is(*response, 0, "*")) {
      if (is(*response, 1, "BYE")) return away("says goodbye");
      answer.untagged.push_back(std::move(response.value()));
    } else if (is(*response, 0, tag)) {
      answer.state = response->size() > 1 ? (*response)[1].text : "";
      answer.words = response->size() > 2 ? (*response)[2].text : "";
      return answer;
    }
  }
}

Result<ImapConnection::Answer> ImapConnection::command(std::string_view text) {
  const std::string tag = "P" + std::to_string(++last_tag_);
  const Status sent = send(tag + " " + std::string(text) + "\r\n");
  if (!sent.ok()) return sent.error();
  return finish(tag);
}

Status ImapConnection::sign_in(const ImapLogin& login) {
  const auto greeting = receive();
  if (!greeting.ok()) return greeting.error();
  if (!is(*greeting, 1, "OK")) return away("does not greet with OK");
  const std::string tag = "P" + std::to_string(++last_tag_);
  const Status asked = send(tag + " AUTHENTICATE PLAIN\r\n");
  if (!asked.ok()) return asked;
  for (;;) {
    const auto go = receive();
    if (!go.ok()) return go.error();
    if (is(*go, 0, "+")) break;
    if (is(*go, 0, tag)) return away("takes no AUTHENTICATE PLAIN");
  }
  const std::string secret = login.as + '\0' + login.user + '\0' + login.password;
  const Status told = send(base64(secret) + "\r\n");
  if (!told.ok()) return told;
  const auto answer = finish(tag);
  if (!answer.ok()) return answer.error();
  if (equal_nocase(answer->state, "OK")) return Nothing{};
  // RFC 5530: the server itself has trouble.
  if (answer->words.find("[UNAVAILABLE]") != std::string::npos) return away("cannot check passwords now");
  return invalid("user name or password is wrong");
}

Result<std::unique_ptr<ImapConnection>> ImapConnection::open(const std::string& url, const ImapLogin& login,
                                                             Deadline deadline) {
  std::unique_ptr<ImapConnection> out(new ImapConnection(deadline));
  const Status connected = out->connect(url);
  if (!connected.ok()) return connected.error();
  const Status signed_in = out->sign_in(login);
  if (!signed_in.ok()) return signed_in.error();
  return out;
}

Result<ImapFolder> ImapConnection::select(const std::string& folder, bool to_write) {
  const auto name = imap_quoted(folder);
  if (!name) return invalid("folder \"" + printable(folder) + "\": expected printable ASCII");
  const auto opened = command((to_write ? "SELECT " : "EXAMINE ") + *name);
  if (!opened.ok()) return opened.error();
  ImapFolder out;
  if (!equal_nocase(opened->state, "OK")) return out;
  for (const auto& response : opened->untagged) {
    if (response.size() < 3) continue;
    if (const auto value = code_of(response[2].text, "UIDVALIDITY")) {
      out.validity = static_cast<uint32_t>(to_uint(*value, UINT32_MAX).value_or(0));
    } else if (const auto flags = code_of(response[2].text, "PERMANENTFLAGS")) {
      out.keeps_keywords = flags->find("\\*") != std::string_view::npos;
    }
  }
  auto found = search("NOT DELETED");
  if (!found.ok()) return found.error();
  out.uids = std::move(found.value());
  return out;
}

Result<std::vector<uint32_t>> ImapConnection::search(const std::string& what) {
  const auto found = command("UID SEARCH " + what);
  if (!found.ok()) return found.error();
  if (!equal_nocase(found->state, "OK")) return away("does not search: " + printable(found->words));
  std::vector<uint32_t> uids;
  for (const auto& response : found->untagged) {
    if (!is(response, 1, "SEARCH")) continue;
    for (size_t i = 2; i < response.size(); ++i) uids.push_back(number(&response[i]));
  }
  std::sort(uids.begin(), uids.end());
  return uids;
}

Result<std::vector<uint32_t>> ImapConnection::without(std::string_view keyword) {
  return search("NOT DELETED UNKEYWORD " + std::string(keyword));
}

Status ImapConnection::add_keyword(const std::vector<uint32_t>& uids, std::string_view keyword) {
  for (size_t start = 0; start < uids.size(); start += kSetSize) {
    const auto first = uids.begin() + static_cast<std::ptrdiff_t>(start);
    const std::vector<uint32_t> some(first,
                                     first + static_cast<std::ptrdiff_t>(std::min(kSetSize, uids.size() - start)));
    const auto answer = command("UID STORE " + set_of(some) + " +FLAGS.SILENT (" + std::string(keyword) + ")");
    if (!answer.ok()) return answer.error();
    if (!equal_nocase(answer->state, "OK")) return away("keeps no keyword: " + printable(answer->words));
  }
  return Nothing{};
}

Result<std::vector<ImapMessage>> ImapConnection::fetch(const std::string& set, std::string_view what) {
  const auto answer = command("UID FETCH " + set + " (UID INTERNALDATE RFC822.SIZE " + std::string(what) + ")");
  if (!answer.ok()) return answer.error();
  if (!equal_nocase(answer->state, "OK")) return away("does not give messages: " + printable(answer->words));
  std::vector<ImapMessage> out;
  for (const auto& response : answer->untagged) {
    if (!is(response, 2, "FETCH") || response.size() < 4) continue;
    const ImapValue* body = fetch_item(response[3], "BODY");
    if (body == nullptr) continue;
    out.push_back({number(fetch_item(response[3], "UID")), internal_date(fetch_item(response[3], "INTERNALDATE")),
                   number(fetch_item(response[3], "RFC822.SIZE")), body->text});
  }
  return out;
}

Result<std::vector<ImapMessage>> ImapConnection::headers(const std::vector<uint32_t>& uids) {
  if (uids.empty()) return std::vector<ImapMessage>();
  auto found = fetch(set_of(uids), kListed);
  if (!found.ok()) return found.error();
  std::sort(found->begin(), found->end(), [](const auto& a, const auto& b) { return a.uid > b.uid; });
  return found;
}

Result<ImapMessage> ImapConnection::message(uint32_t uid, size_t max_bytes) {
  auto found = fetch(std::to_string(uid), "BODY.PEEK[]<0." + std::to_string(max_bytes) + ">");
  if (!found.ok()) return found.error();
  for (ImapMessage& each : found.value()) {
    if (each.uid == uid) return Result<ImapMessage>(std::move(each));
  }
  return not_found("the message is no longer there");
}

Status ImapConnection::is_there(uint32_t uid) {
  const auto found = search("UID " + std::to_string(uid) + " NOT DELETED");
  if (!found.ok()) return found.error();
  if (found->size() == 1 && found->front() == uid) return Nothing{};
  return not_found("the message is no longer there");
}

Status ImapConnection::move(uint32_t uid, const std::string& folder) {
  const Status there = is_there(uid);
  if (!there.ok()) return there;
  const auto answer = command("UID MOVE " + std::to_string(uid) + " " + imap_quoted(folder).value_or("INBOX"));
  if (!answer.ok()) return answer.error();
  if (!equal_nocase(answer->state, "OK")) return away("does not move the message: " + printable(answer->words));
  return Nothing{};
}

Status ImapConnection::remove(uint32_t uid) {
  const Status there = is_there(uid);
  if (!there.ok()) return there;
  for (const std::string& each : {"UID STORE " + std::to_string(uid) + " +FLAGS.SILENT (\\Deleted)",
                                  "UID EXPUNGE " + std::to_string(uid)}) {
    const auto answer = command(each);
    if (!answer.ok()) return answer.error();
    if (!equal_nocase(answer->state, "OK")) return away("does not delete the message: " + printable(answer->words));
  }
  return Nothing{};
}

}  // namespace postern
