// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/inherited.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "base/strings.h"

namespace postern {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr int kMost = 64;

// The number in a variable, which is taken out of the environment.
std::optional<int> take_number(std::string_view name) {
  const std::string key(name);
  const char* text = std::getenv(key.c_str());  // NOLINT(concurrency-mt-unsafe): no thread has started
  const auto number = text == nullptr ? std::nullopt : to_uint(text, 1'000'000'000);
  ::unsetenv(key.c_str());  // NOLINT(concurrency-mt-unsafe)
  return number ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
}

void consider(int fd, const ListenAddress& address, Inherited& out) {
  if (::fcntl(fd, F_GETFD) < 0) return;
  Fd given(fd);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (!out.socket.valid() && listens_on(fd, address)) {
    out.socket = std::move(given);
  } else {
    out.strangers = true;
  }
}

}  // namespace

Inherited take_inherited(const ListenAddress& address) {
  Inherited out;
  if (const auto fd = take_number(kListenVariable)) consider(*fd, address, out);
  const auto pid = take_number("LISTEN_PID");
  const auto count = take_number("LISTEN_FDS");
  ::unsetenv("LISTEN_FDNAMES");  // NOLINT(concurrency-mt-unsafe)
  if (!count || pid != ::getpid()) return out;
  for (int fd = kFirst; fd < kFirst + std::min(*count, kMost); ++fd) consider(fd, address, out);
  return out;
}

void tell_predecessor() {
  const auto fd = take_number(kReadyVariable);
  if (!fd) return;
  const Fd report(*fd);
  const char byte = 1;
  if (::write(report.get(), &byte, 1) != 1) return;  // it has given up waiting, and goes on itself
}

}  // namespace postern
