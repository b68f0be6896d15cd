// SPDX-License-Identifier: GPL-2.0-or-later
// A user's quarantine folder on his IMAP server (RFC 3501, MOVE of RFC 6851), over a connection that libcurl makes and
// encrypts.  One thread at a time.  Nothing is marked as read by looking.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "portal/imap_reply.h"

namespace postern {

struct ImapLogin {
  std::string user, password;
  std::string as = "";  // whose mailboxes are opened, by a master user; empty: his own
};

struct ImapFolder {
  uint32_t validity = 0;        // UIDVALIDITY: UIDs mean something only together with it
  std::vector<uint32_t> uids;  // the newest last
  bool keeps_keywords = false;  // new ones can be made, and stay (RFC 3501 section 7.1, PERMANENTFLAGS)
};

struct ImapMessage {
  uint32_t uid = 0;
  UnixTime arrived = 0;  // in this folder's mailbox (INTERNALDATE); 0: not known
  uint64_t size = 0;
  std::string text;  // what was asked for
};

class ImapConnection {
 public:
  // Signs in with AUTHENTICATE PLAIN (RFC 4616; `as` is its authorization identity).  `url` is imaps://HOST[:PORT] or
  // imap://LOOPBACK[:PORT].  kInvalid: the server knows no such user and password, or none that `as` names; anything
  // else: it cannot be asked now.
  static Result<std::unique_ptr<ImapConnection>> open(const std::string& url, const ImapLogin& login,
                                                      Deadline deadline);
  ~ImapConnection();
  ImapConnection(const ImapConnection&) = delete;
  ImapConnection& operator=(const ImapConnection&) = delete;

  // A folder that is not there is an empty one.
  Result<ImapFolder> select(const std::string& folder, bool to_write);
  // The header fields that a list shows, the newest message first.  Messages that are gone are left out.
  Result<std::vector<ImapMessage>> headers(const std::vector<uint32_t>& uids);
  // The first `max_bytes` of a message, kNotFound if it is gone.
  Result<ImapMessage> message(uint32_t uid, size_t max_bytes);
  // The messages of the folder that lack a keyword, the newest last.
  Result<std::vector<uint32_t>> without(std::string_view keyword);
  Status add_keyword(const std::vector<uint32_t>& uids, std::string_view keyword);
  // kNotFound if the message is gone.
  Status move(uint32_t uid, const std::string& folder);
  Status remove(uint32_t uid);

 private:
  using Responses = std::vector<std::vector<ImapValue>>;
  struct Answer {
    std::string state;    // "OK", "NO", "BAD"
    std::string words;
    Responses untagged;
  };
  explicit ImapConnection(Deadline deadline) : deadline_(deadline) {}
  Status connect(const std::string& url);
  Status sign_in(const ImapLogin& login);
  Status send(std::string_view bytes);
  Result<std::vector<ImapValue>> receive();
  Result<Answer> command(std::string_view text);
  Result<Answer> finish(const std::string& tag);
  Result<std::vector<ImapMessage>> fetch(const std::string& set, std::string_view what);
  Result<std::vector<uint32_t>> search(const std::string& what);
  Status is_there(uint32_t uid);
  Status wait(bool to_write) const;

  void* curl_ = nullptr;
  Deadline deadline_;
  std::string buffer_;
  unsigned last_tag_ = 0;
};

}  // namespace postern
