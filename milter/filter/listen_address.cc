// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/listen_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "base/strings.h"

namespace postern {
namespace {

Result<ListenAddress> unix_address(const std::string& spec, std::string_view path) {
  ListenAddress address;
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

Result<ListenAddress> inet_address(const std::string& spec, std::string_view rest, int family) {
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
  ListenAddress address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

bool same_address(const sockaddr_storage& one, const sockaddr_storage& other) {
  if (one.ss_family != other.ss_family) return false;
  if (one.ss_family == AF_UNIX) {
    const auto* a = reinterpret_cast<const sockaddr_un*>(&one);
    const auto* b = reinterpret_cast<const sockaddr_un*>(&other);
    return std::strncmp(a->sun_path, b->sun_path, sizeof a->sun_path) == 0;
  }
  if (one.ss_family == AF_INET) {
    const auto* a = reinterpret_cast<const sockaddr_in*>(&one);
    const auto* b = reinterpret_cast<const sockaddr_in*>(&other);
    return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
  }
  const auto* a = reinterpret_cast<const sockaddr_in6*>(&one);
  const auto* b = reinterpret_cast<const sockaddr_in6*>(&other);
  return a->sin6_port == b->sin6_port && std::memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0;
}

}  // namespace

Result<ListenAddress> parse_listen(const std::string& spec) {
  const size_t colon = spec.find(':');
  const std::string kind = colon == std::string::npos ? "" : lower(spec.substr(0, colon));
  const std::string_view rest = std::string_view(spec).substr(colon == std::string::npos ? 0 : colon + 1);
  if (kind == "unix" || kind == "local") return unix_address(spec, rest);
  if (kind == "inet") return inet_address(spec, rest, AF_INET);
  if (kind == "inet6") return inet_address(spec, rest, AF_INET6);
  return invalid("listen address \"" + printable(spec) +
                 "\": expected inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH");
}

bool listens_on(int fd, const ListenAddress& address) {
  int listening = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0) return false;
  sockaddr_storage bound{};
  size = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) != 0 || !same_address(bound, address.storage)) {
    return false;
  }
  struct stat status {};
  return address.path.empty() || (::stat(address.path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode));
}

}  // namespace postern
