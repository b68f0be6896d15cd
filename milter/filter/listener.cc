// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/listener.h"

#include <fcntl.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <vector>

#include "filter/inherited.h"
#include "filter/listen_address.h"
#include "filter/notify.h"

namespace postern {
namespace {

Error system_error(const std::string& spec, const std::string& what, int number) {
  return unavailable("cannot listen on " + spec + ": " + what + ": " + std::strerror(number));
}

// Removes the socket file of a daemon that is gone.
Status clear_path(const std::string& spec, const ListenAddress& address) {
  struct stat status {};
  if (::lstat(address.path.c_str(), &status) != 0) return Nothing{};
  if (!S_ISSOCK(status.st_mode)) return unavailable("cannot listen on " + spec + ": the file there is not a socket");
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), address.get(), address.size) == 0 || errno == EAGAIN) {
    return unavailable("cannot listen on " + spec + ": another process listens there");
  }
  if (errno != ECONNREFUSED) return system_error(spec, "the socket file that is there", errno);
  if (::unlink(address.path.c_str()) != 0) return system_error(spec, "removing the old socket file", errno);
  return Nothing{};
}

Result<Fd> bind_and_listen(const std::string& spec, const ListenAddress& address) {
  if (!address.path.empty()) {
    if (const Status cleared = clear_path(spec, address); !cleared) return cleared.error();
  }
  Fd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return system_error(spec, "socket", errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // The MTA gets at the socket through its group.
  const mode_t before = ::umask(007);
  const int bound = ::bind(fd.get(), address.get(), address.size);
  const int fault = errno;
  ::umask(before);
  if (bound != 0) return system_error(spec, "bind", fault);
  if (::listen(fd.get(), SOMAXCONN) != 0) return system_error(spec, "listen", errno);
  return fd;
}

std::vector<int> listening_fds() {
  constexpr int kHighest = 1024;
  std::vector<int> found;
  for (int fd = 0; fd < kHighest; ++fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0) found.push_back(fd);
  }
  return found;
}

// Lets libmilter open a socket of the same family, which it insists on, in a place that nobody knows, and gives the
// descriptor, which it keeps to itself: the one that was not there before.  -1: it could not; it says why in syslog.
int open_libmilters_own(int family) {
  std::string directory = "/tmp/postern-XXXXXX";
  std::string text = family == AF_INET ? "inet:0@127.0.0.1" : "inet6:0@::1";
  if (family == AF_UNIX) {
    if (::mkdtemp(directory.data()) == nullptr) return -1;
    text = "unix:" + directory + "/none";
  }
  const std::vector<int> before = listening_fds();
  const bool opened = smfi_setconn(text.data()) == MI_SUCCESS && smfi_opensocket(false) == MI_SUCCESS;
  const std::vector<int> after = listening_fds();
  if (family == AF_UNIX) {
    ::unlink(text.c_str() + std::strlen("unix:"));
    ::rmdir(directory.c_str());
  }
  std::vector<int> own;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(own));
  return opened && own.size() == 1 ? own.front() : -1;
}

// A listening socket whose address is gone: accept() on it says "nothing there" for ever, which libmilter takes
// calmly.  Any other kind of descriptor would make it log a fault, and after some of them stop every session.
Fd unreachable_socket() {
  std::string directory = "/tmp/postern-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return Fd();
  const std::string path = directory + "/none";
  const auto address = parse_listen("unix:" + path);
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::bind(fd.get(), address->get(), address->size) != 0 || ::listen(fd.get(), 1) != 0) fd.reset();
  ::unlink(path.c_str());
  ::rmdir(directory.c_str());
  return fd;
}

}  // namespace

Status check_listen(const std::string& spec) {
  const auto address = parse_listen(spec);
  return address ? Status(Nothing{}) : Status(address.error());
}

Result<Listener> Listener::open(const std::string& spec) {
  const auto address = parse_listen(spec);
  if (!address) return address.error();
  Inherited inherited = take_inherited(*address);
  const bool found = inherited.socket.valid();
  auto socket = found ? Result<Fd>(std::move(inherited.socket)) : bind_and_listen(spec, *address);
  if (!socket) return socket.error();
  const int fd = open_libmilters_own(address->family());
  if (fd < 0) return unavailable("cannot listen on " + spec + ": libmilter opens no socket; syslog may say why");
  // Two processes may wait on it for a while: the one that comes second to a connection must not wait for the next.
  ::fcntl(socket->get(), F_SETFL, ::fcntl(socket->get(), F_GETFL) | O_NONBLOCK);
  // Accepted connections inherit it.  Without it each edit, a small write of its own, waits 40 ms for the MTA's delayed
  // acknowledgement; a unix socket answers "not supported", which is fine.
  const int no_delay = 1;
  static_cast<void>(::setsockopt(socket->get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay));
  if (::dup3(socket->get(), fd, O_CLOEXEC) < 0) return system_error(spec, "dup3", errno);
  Listener listener(fd, found, inherited.strangers);
  struct stat status {};
  if (!address->path.empty() && ::stat(address->path.c_str(), &status) == 0) {
    listener.path_ = address->path;
    listener.device_ = status.st_dev;
    listener.inode_ = status.st_ino;
  }
  return listener;
}

void Listener::keep_with_manager() {
  if (strangers_) notify_manager("FDSTOREREMOVE=1\nFDNAME=postern");
  if (notify_manager("FDSTORE=1\nFDNAME=postern\nFDPOLL=0", fd_)) held_elsewhere_ = true;
}

void Listener::release(bool to_successor) {
  const bool stays = to_successor || held_elsewhere_;
  struct stat status {};
  if (!stays && !path_.empty() && ::stat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  const Fd old(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  const Fd replacement = unreachable_socket();
  if (replacement.valid()) ::dup3(replacement.get(), fd_, O_CLOEXEC);
  // libmilter's poll() holds the old socket for seconds more; a shut down one no longer occupies the address.
  if (!stays) ::shutdown(old.valid() ? old.get() : fd_, SHUT_RDWR);
}

}  // namespace postern
