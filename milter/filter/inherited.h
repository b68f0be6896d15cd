// SPDX-License-Identifier: GPL-2.0-or-later
// A listening socket that is there before the daemon: from systemd (sd_listen_fds(3): its store of descriptors, or a
// socket unit), or from a running daemon that has started this one to take its place.
#pragma once

#include <string_view>

#include "base/fd.h"
#include "filter/listen_address.h"

namespace postern {

// How a daemon tells its successor where the listening socket and the pipe for "I am ready" are.
constexpr std::string_view kListenVariable = "POSTERN_LISTEN_FD";
constexpr std::string_view kReadyVariable = "POSTERN_READY_FD";

struct Inherited {
  Fd socket;       // listens on the address; invalid when there was none for it
  bool strangers = false;  // the manager holds sockets for other addresses, which nobody wants any more
};

// Takes the inherited socket for this address and closes those for others.  The environment is cleared of what told
// about them, so that no child takes them for its own.  Call before any thread starts.
Inherited take_inherited(const ListenAddress& address);

// Tells the daemon that started this one that it may go.  Does nothing when there is none.
void tell_predecessor();

}  // namespace postern
