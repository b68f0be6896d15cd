// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/metrics_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/clock.h"
#include "base/log.h"
#include "base/strings.h"
#include "filter/signals.h"

namespace postern {
namespace {

constexpr Millis kPatience{2000};  // for one request and its answer
constexpr size_t kMaxRequest = 4096;
constexpr int kRetry = 1000;  // milliseconds

struct Place {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string path;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// The setting has been checked: unix:PATH, inet:PORT@IPv4 or inet6:PORT@IPv6.
Place place_of(std::string_view spec) {
  Place place;
  const std::string_view rest = spec.substr(spec.find(':') + 1);
  const size_t at = rest.find('@');
  if (at == std::string_view::npos || !spec.starts_with("inet")) {
    auto& name = reinterpret_cast<sockaddr_un&>(place.storage);
    name.sun_family = AF_UNIX;
    rest.copy(name.sun_path, sizeof name.sun_path - 1);
    place.size = sizeof name;
    place.path = rest;
    return place;
  }
  const auto port = htons(static_cast<uint16_t>(to_uint(rest.substr(0, at), 65535).value_or(0)));
  const std::string host(rest.substr(at + 1));
  if (spec.starts_with("inet:")) {
    auto& name = reinterpret_cast<sockaddr_in&>(place.storage);
    name.sin_family = AF_INET;
    name.sin_port = port;
    ::inet_pton(AF_INET, host.c_str(), &name.sin_addr);
    place.size = sizeof name;
  } else {
    auto& name = reinterpret_cast<sockaddr_in6&>(place.storage);
    name.sin6_family = AF_INET6;
    name.sin6_port = port;
    ::inet_pton(AF_INET6, host.c_str(), &name.sin6_addr);
    place.size = sizeof name;
  }
  return place;
}

// Removes a socket file on which nobody listens; whatever else stands there makes bind() fail.
void remove_dead_socket(Place& place) {
  struct stat status {};
  if (::lstat(place.path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), place.get(), place.size) != 0 && errno == ECONNREFUSED) ::unlink(place.path.c_str());
}

Result<Fd> listen_at(Place& place) {
  if (!place.path.empty()) remove_dead_socket(place);
  Fd fd(::socket(place.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (fd.valid()) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!fd.valid() || ::bind(fd.get(), place.get(), place.size) != 0) return unavailable(std::strerror(errno));
  // Who may read is said by the rights of the directory and the group; connect() needs the right to write.
  if (!place.path.empty()) ::chmod(place.path.c_str(), 0660);
  if (::listen(fd.get(), 8) != 0) return unavailable(std::strerror(errno));
  return fd;
}

std::string answer(std::string_view status, std::string_view type, const std::string& body, bool head) {
  return "HTTP/1.0 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + (head ? "" : body);
}

std::string answer_to(std::string_view request, const MetricsServer::Page& page) {
  const auto line = words(request.substr(0, request.find_first_of("\r\n")));
  constexpr std::string_view kPlain = "text/plain; charset=utf-8";
  if (line.size() < 2) return answer("400 Bad Request", kPlain, "expected GET /metrics\n", false);
  const bool head = line[0] == "HEAD";
  if (line[0] != "GET" && !head) return answer("405 Method Not Allowed", kPlain, "expected GET /metrics\n", false);
  if (line[1].substr(0, line[1].find('?')) != "/metrics") {
    return answer("404 Not Found", kPlain, "the page is /metrics\n", head);
  }
  return answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", page(), head);
}

bool ready(const Fd& peer, short events, Deadline deadline) {
  pollfd poll_fd{peer.get(), events, 0};
  return ::poll(&poll_fd, 1, static_cast<int>(deadline.left().count())) > 0;
}

// The request's header, or nothing if it does not come in time or is too long.
std::string read_request(const Fd& peer, Deadline deadline) {
  std::string request;
  std::array<char, 1024> piece{};
  while (request.find("\r\n\r\n") == std::string::npos && request.find("\n\n") == std::string::npos) {
    if (!ready(peer, POLLIN, deadline)) return "";
    const ssize_t size = ::recv(peer.get(), piece.data(), piece.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0 || request.size() + static_cast<size_t>(size) > kMaxRequest) return "";
    request.append(piece.data(), static_cast<size_t>(size));
  }
  return request;
}

}  // namespace

MetricsServer::MetricsServer(std::string spec, Page page)
    : spec_(std::move(spec)), page_(std::move(page)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { run(); });
}

MetricsServer::~MetricsServer() {
  ::eventfd_write(stop_.get(), 1);
  thread_.join();
  close();
}

void MetricsServer::close() {
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
  socket_.reset();
}

bool MetricsServer::wait(int fd, int millis) const {
  std::array<pollfd, 2> fds{{{stop_.get(), POLLIN, 0}, {fd, POLLIN, 0}}};
  ::poll(fds.data(), fds.size(), millis);
  return fds[0].revents == 0;
}

void MetricsServer::run() {
  block_all_signals();
  for (bool said = false;;) {
    Place place = place_of(spec_);
    auto listening = listen_at(place);
    if (listening) {
      socket_ = std::move(*listening);
      path_ = place.path;
      if (said) log(LogLevel::kInfo, "metrics: listening on " + spec_);
      break;
    }
    if (!said) {
      log(LogLevel::kWarning,
          "metrics: cannot listen on " + spec_ + ": " + listening.error().text + "; trying again each second");
    }
    said = true;
    if (!wait(-1, kRetry)) return;
  }
  while (wait(socket_.get(), -1)) {
    const Fd peer(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (peer.valid()) {
      serve(peer);
    } else if (errno == EMFILE || errno == ENFILE) {
      if (!wait(-1, kRetry)) return;
    }
  }
}

void MetricsServer::serve(const Fd& peer) const {
  const Deadline deadline = Deadline::after(kPatience);
  const std::string request = read_request(peer, deadline);
  if (request.empty()) return;
  const std::string text = answer_to(request, page_);
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t size = ::send(peer.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size > 0) {
      rest.remove_prefix(static_cast<size_t>(size));
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR) || !ready(peer, POLLOUT, deadline)) {
      return;
    }
  }
}

}  // namespace postern
