// SPDX-License-Identifier: GPL-2.0-or-later
// What `postern doctor` asks the system: users and what they may do with a file, and the daemon's socket.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"

namespace postern {

struct User {
  uid_t uid = 0;
  std::vector<gid_t> groups;
};
// Nothing where there is no such user.
std::optional<User> find_user(const std::string& name);
// The name, or the number where there is none.
std::string user_name(uid_t uid);
std::string group_name(gid_t gid);
// Whether the mode bits (r 4, w 2, x 1) are the user's, as the kernel sees it: owner, else group, else others; root has
// them all.
bool may(const User& user, const struct stat& status, unsigned bits);

struct Connected {
  Fd fd;
  int fault = 0;  // errno
};
// The file of a listen address, empty if it is no unix socket.
std::string socket_path(const std::string& listen);
// Gives up after 5 seconds.
Connected connect_to_daemon(const std::string& listen);
// Who runs the daemon that listens there: only a unix socket tells.
std::optional<uid_t> daemon_user(const std::string& listen);

}  // namespace postern
