// SPDX-License-Identifier: GPL-2.0-or-later
// The socket that the MTA connects to.  libmilter accepts on it, but it is opened here, or inherited from a manager or
// from the daemon that this one takes the place of, and put in the place of a socket that libmilter has opened for
// itself.  That gives what libmilter lacks: a clear error when the address cannot be had, removal of a dead daemon's
// socket file, letting go of the address at once, and handing the socket on without a refused connection.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"

namespace postern {

class Listener {
 public:
  // Listens on `spec` (unix:PATH, inet:PORT@ADDRESS, inet6:PORT@ADDRESS).  libmilter's smfi_register() must have been
  // called, and no thread may run yet.  A socket file gets mode 0770.  A file that is no socket is never removed.
  static Result<Listener> open(const std::string& spec);

  // Asks the service manager to keep the socket open while the daemon is restarted; see sd_notify(3), FDSTORE.
  void keep_with_manager();
  // libmilter's descriptor, to be handed to a successor.
  int fd() const { return fd_; }
  bool inherited() const { return inherited_; }

  // Takes no more connections.  With a successor or a manager that holds the socket, they wait there or go to it.
  // Otherwise they are refused from now on, and another process can bind the address.  libmilter keeps running on a
  // socket that nobody can reach.  Call once.
  void release(bool to_successor = false);

 private:
  Listener(int fd, bool inherited, bool strangers) : fd_(fd), inherited_(inherited), strangers_(strangers) {}

  int fd_;            // libmilter's own
  bool inherited_;
  bool strangers_;  // see Inherited
  bool held_elsewhere_ = false;
  std::string path_;  // of a socket file
  dev_t device_ = 0;  // which file it was, so that a successor's is never removed
  ino_t inode_ = 0;
};

// Checks the spelling of a listen address.
Status check_listen(const std::string& spec);

}  // namespace postern
