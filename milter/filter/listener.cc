// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/listener.h"

#include <fcntl.h>
#include <libmilter/mfapi.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/log.h"
#include "base/strings.h"

namespace postern {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string path;  // of AF_UNIX

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Error system_error(const std::string& spec, const std::string& what, int number) {
  return unavailable("cannot listen on " + spec + ": " + what + ": " + std::strerror(number));
}

Result<Address> unix_address(const std::string& spec, std::string_view path) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof name->sun_path) {
    return invalid("listen address \"" + printable(spec) + "\": expected a path of 1 to " +
                   std::to_string(sizeof name->sun_path - 1) + " bytes");
  }
  name->sun_family = AF_UNIX;
  path.copy(name->sun_path, path.size());
  address.size = sizeof *name;
  address.path = path;
  return address;
}

Result<Address> inet_address(const std::string& spec, std::string_view rest, int family) {
  const size_t at = rest.find('@');
  const std::string port(rest.substr(0, at));
  std::string host(at == std::string_view::npos ? "" : rest.substr(at + 1));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const auto number = to_uint(port, 65535);
  if (!number || *number == 0) {
    return invalid("listen address \"" + printable(spec) + "\": expected a port from 1 to 65535, not \"" +
                   printable(port) + "\"");
  }
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (fault != 0) {
    return invalid("listen address \"" + printable(spec) + "\": " + printable(host) + ": " + gai_strerror(fault));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

Result<Address> parse_listen(const std::string& spec) {
  const size_t colon = spec.find(':');
  const std::string kind = colon == std::string::npos ? "" : lower(spec.substr(0, colon));
  const std::string_view rest = std::string_view(spec).substr(colon == std::string::npos ? 0 : colon + 1);
  if (kind == "unix" || kind == "local") return unix_address(spec, rest);
  if (kind == "inet") return inet_address(spec, rest, AF_INET);
  if (kind == "inet6") return inet_address(spec, rest, AF_INET6);
  return invalid("listen address \"" + printable(spec) +
                 "\": expected inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH");
}

// Removes the socket file of a daemon that is gone.
Status clear_path(const std::string& spec, const Address& address) {
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

// libmilter tells only syslog why it could not bind, so bind first and see.
Status try_to_bind(const std::string& spec, const Address& address) {
  const Fd probe(::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!probe.valid()) return system_error(spec, "socket", errno);
  ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(probe.get(), address.get(), address.size) != 0) return system_error(spec, "bind", errno);
  if (::listen(probe.get(), 1) != 0) return system_error(spec, "listen", errno);
  if (!address.path.empty()) ::unlink(address.path.c_str());
  return Nothing{};
}

// libmilter keeps its descriptor to itself; at start it is the only one that listens.
int find_listening_fd() {
  constexpr int kHighest = 1024;
  for (int fd = 0; fd < kHighest; ++fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0) return fd;
  }
  return -1;
}

// A listening socket whose address is gone: accept() on it says "nothing there" for ever, which libmilter takes
// calmly.  Any other kind of descriptor would make it log a fault, and after some of them stop every session.
Fd unreachable_socket() {
  std::string directory = "/tmp/postern-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return Fd();
  const std::string path = directory + "/none";
  const auto address = unix_address(path, path);
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
  if (!address->path.empty()) {
    if (const Status cleared = clear_path(spec, *address); !cleared) return cleared.error();
  }
  if (const Status bound = try_to_bind(spec, *address); !bound) return bound.error();
  // The MTA gets at the socket through its group.
  const mode_t before = ::umask(007);
  std::string text = spec;
  const bool opened = smfi_setconn(text.data()) == MI_SUCCESS && smfi_opensocket(false) == MI_SUCCESS;
  ::umask(before);
  const int fd = opened ? find_listening_fd() : -1;
  if (fd < 0) return unavailable("cannot listen on " + spec + ": libmilter says why in syslog");
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  // Accepted connections inherit it.  Without it each edit, a small write of its own, waits 40 ms for the MTA's delayed
  // acknowledgement; a unix socket answers "not supported", which is fine.
  const int no_delay = 1;
  static_cast<void>(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay));
  Listener listener(fd);
  struct stat status {};
  if (!address->path.empty() && ::stat(address->path.c_str(), &status) == 0) {
    listener.path_ = address->path;
    listener.device_ = status.st_dev;
    listener.inode_ = status.st_ino;
  }
  return listener;
}

void Listener::release() {
  struct stat status {};
  if (!path_.empty() && ::stat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_) {
    ::unlink(path_.c_str());
  }
  const Fd old(::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  const Fd replacement = unreachable_socket();
  if (replacement.valid()) ::dup3(replacement.get(), fd_, O_CLOEXEC);
  // libmilter's poll() holds the old socket for seconds more; a shut down one no longer occupies the address.
  ::shutdown(old.valid() ? old.get() : fd_, SHUT_RDWR);
}

}  // namespace postern
