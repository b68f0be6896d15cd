// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/http_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "filter/listen_address.h"

namespace postern {
namespace {

constexpr int kBacklog = 256;

// Removes a socket file on which nobody listens; whatever else stands there makes bind() fail.
void remove_dead_socket(const ListenAddress& address) {
  struct stat status {};
  if (::lstat(address.path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const bool dead = ::connect(probe.get(), address.get(), address.size) != 0 && errno == ECONNREFUSED;
  if (dead) ::unlink(address.path.c_str());
}

}  // namespace

Result<Fd> listen_for_http(const std::string& spec) {
  const auto address = parse_listen(spec);
  if (!address.ok()) return address.error();
  if (!address->path.empty()) remove_dead_socket(*address);
  Fd fd(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (fd.valid()) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!fd.valid() || ::bind(fd.get(), address->get(), address->size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return unavailable("cannot listen on " + spec + ": " + std::strerror(errno));
  }
  if (!address->path.empty()) ::chmod(address->path.c_str(), 0660);
  return fd;
}

}  // namespace postern
