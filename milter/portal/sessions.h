// SPDX-License-Identifier: GPL-2.0-or-later
// Who has signed in.  Names of sessions are random and known only to the browser: here lie their hashes, and the
// password that IMAP needs lies encrypted under a key made from the name.  Bounded, in memory only: who restarts the
// portal signs everybody out.  Also the tokens of forms (CSRF).  Safe from any thread.  libsodium lives here.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace postern {

struct SessionUser {
  std::string name;      // as IMAP knows him
  std::string address;   // his mail address, lower case; empty if the name is none
  bool admin = false;
  std::string password;
};

struct SessionLimits {
  size_t sessions = 10'000;  // beyond them the one not used for the longest time goes
  size_t of_one = 16;        // of one user
  UnixTime idle = 3600;      // seconds without a request
  UnixTime life = 12 * 3600;
};

class Sessions {
 public:
  explicit Sessions(const SessionLimits& limits = SessionLimits());

  // A new session; gives its name, 64 hex digits, for the cookie.
  std::string open(const SessionUser& user, UnixTime now);
  // Who is behind a name, if anybody is.
  std::optional<SessionUser> find(std::string_view name, UnixTime now);
  void close(std::string_view name);
  size_t size() const;

  // The token that each form of a session carries; `name` may also be that of a visitor who has not signed in yet.
  std::string form_token(std::string_view name) const;
  // In constant time.
  bool is_form_token(std::string_view name, std::string_view token) const;

 private:
  struct Session {
    std::string hash;
    SessionUser user;    // without the password
    std::string sealed;  // the password
    UnixTime opened = 0, used = 0;
  };
  using Place = std::list<Session>::iterator;
  void drop(Place place);

  const SessionLimits limits_;
  std::string secret_;
  mutable std::mutex mutex_;
  std::list<Session> order_;  // last used first
  std::map<std::string, Place, std::less<>> index_;
};

// A random name, 64 hex digits.
std::string random_name();

}  // namespace postern
