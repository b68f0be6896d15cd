// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/notify.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/fd.h"
#include "base/strings.h"

namespace postern {

bool notify_manager(std::string_view message, int given) {
  const char* path = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  sockaddr_un address{};
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return false;
  const std::string_view name(path);
  if (name.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';  // the abstract name space
  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  iovec text{const_cast<char*>(message.data()), message.size()};  // NOLINT: sendmsg() does not write to it
  msghdr header{};
  header.msg_name = &address;
  header.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  header.msg_iov = &text;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof given)> rights{};
  if (given >= 0) {
    header.msg_control = rights.data();
    header.msg_controllen = rights.size();
    cmsghdr* control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof given);
    std::memcpy(CMSG_DATA(control), &given, sizeof given);
  }
  return ::sendmsg(fd.get(), &header, MSG_NOSIGNAL) >= 0;
}

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto micros = static_cast<uint64_t>(now.tv_sec) * 1'000'000 + static_cast<uint64_t>(now.tv_nsec) / 1000;
  notify_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

std::optional<Millis> watchdog_interval() {
  const char* text = std::getenv("WATCHDOG_USEC");  // NOLINT(concurrency-mt-unsafe)
  const char* pid = std::getenv("WATCHDOG_PID");    // NOLINT(concurrency-mt-unsafe)
  if (text == nullptr) return std::nullopt;
  if (pid != nullptr && to_uint(pid) != static_cast<uint64_t>(::getpid())) return std::nullopt;
  const auto micros = to_uint(text, 1'000'000ULL * 86400);
  if (!micros || *micros < 2000) return std::nullopt;
  return Millis(*micros / 2000);
}

}  // namespace postern
