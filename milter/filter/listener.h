// SPDX-License-Identifier: GPL-2.0-or-later
// The socket that the MTA connects to.  libmilter opens it and listens on it; this adds what libmilter lacks: a clear
// error when the address cannot be had, removal of a dead daemon's socket file, and letting go of the address at
// once, so that a successor can take it while sessions of this process still finish.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace postern {

class Listener {
 public:
  // Opens `spec` (unix:PATH, inet:PORT@ADDRESS, inet6:PORT@ADDRESS) through libmilter, whose smfi_register() must
  // have been called.  A socket file gets mode 0770.  A file that is no socket is never removed.
  static Result<Listener> open(const std::string& spec);

  // Gives the address up: new connections are refused from now on, and another process can bind it.  libmilter keeps
  // running on a socket that nobody can reach.  Call once.
  void release();

 private:
  explicit Listener(int fd) : fd_(fd) {}

  int fd_;            // libmilter's own
  std::string path_;  // of a socket file
  dev_t device_ = 0;  // which file it was, so that a successor's is never removed
  ino_t inode_ = 0;
};

// Checks the spelling of a listen address.
Status check_listen(const std::string& spec);

}  // namespace postern
