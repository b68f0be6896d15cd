// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/doctor_probe.h"

#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace postern {
namespace {

Connected connect_to(const sockaddr* address, socklen_t size) {
  Connected out{Fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  const timeval patience{5, 0};
  ::setsockopt(out.fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(out.fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(out.fd.get(), address, size) != 0) out.fault = errno;
  return out;
}

Connected connect_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  return connect_to(reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

Connected connect_inet(const std::string& listen) {
  const std::string rest = listen.substr(listen.find(':') + 1);
  const size_t at = rest.find('@');
  std::string host = at == std::string::npos ? "" : rest.substr(at + 1);
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  addrinfo hints{};
  hints.ai_family = listen.starts_with("inet6") ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.empty() ? nullptr : host.c_str(), rest.substr(0, at).c_str(), &hints, &found) != 0) {
    return {Fd(), EADDRNOTAVAIL};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  return connect_to(found->ai_addr, found->ai_addrlen);
}

}  // namespace

std::optional<User> find_user(const std::string& name) {
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  User user{entry->pw_uid, {}};
  int count = 64;
  user.groups.resize(static_cast<size_t>(count));
  if (::getgrouplist(name.c_str(), entry->pw_gid, user.groups.data(), &count) < 0) count = 64;
  user.groups.resize(static_cast<size_t>(std::max(count, 0)));
  return user;
}

std::string user_name(uid_t uid) {
  const passwd* entry = ::getpwuid(uid);
  return entry == nullptr ? std::to_string(uid) : entry->pw_name;
}

std::string group_name(gid_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry == nullptr ? std::to_string(gid) : entry->gr_name;
}

bool may(const User& user, const struct stat& status, unsigned bits) {
  if (user.uid == 0) return true;
  unsigned shift = 0;
  if (user.uid == status.st_uid) {
    shift = 6;
  } else if (std::find(user.groups.begin(), user.groups.end(), status.st_gid) != user.groups.end()) {
    shift = 3;
  }
  return ((status.st_mode >> shift) & bits) == bits;
}

std::string socket_path(const std::string& listen) {
  return listen.starts_with("inet") ? "" : listen.substr(listen.find(':') + 1);
}

Connected connect_to_daemon(const std::string& listen) {
  const std::string path = socket_path(listen);
  return path.empty() ? connect_inet(listen) : connect_unix(path);
}

std::optional<uid_t> daemon_user(const std::string& listen) {
  const std::string path = socket_path(listen);
  if (path.empty()) return std::nullopt;
  const Connected connection = connect_unix(path);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (connection.fault != 0) return std::nullopt;
  if (::getsockopt(connection.fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace postern
