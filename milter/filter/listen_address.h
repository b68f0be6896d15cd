// SPDX-License-Identifier: GPL-2.0-or-later
// The address that the daemon listens on, as libmilter spells it: unix:PATH, inet:PORT@ADDRESS, inet6:PORT@ADDRESS.
#pragma once

#include <sys/socket.h>

#include <string>

#include "base/result.h"

namespace postern {

struct ListenAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string path;  // of AF_UNIX

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
};

// A host name after the @ is looked up.  The error quotes `spec` and says what was expected.
Result<ListenAddress> parse_listen(const std::string& spec);
// Whether `fd` is a socket that listens on this address and, for a path, can be reached there.
bool listens_on(int fd, const ListenAddress& address);

}  // namespace postern
