// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/window.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace postern {

Result<Fd> RequestWindow::make_file() {
  Fd file(::memfd_create("postern-request", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file.valid() || ::ftruncate(file.get(), kSize) != 0) {
    return unavailable(std::string("no memory to share with an inspector: ") + std::strerror(errno));
  }
  return file;
}

Result<RequestWindow> RequestWindow::map(int file, bool writable) {
  void* const at = ::mmap(nullptr, kSize, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) {
    return unavailable(std::string("cannot map the memory that daemon and inspector share: ") + std::strerror(errno));
  }
  if (writable) ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE);
  return RequestWindow(static_cast<char*>(at));
}

RequestWindow::~RequestWindow() {
  if (at_ != nullptr) ::munmap(at_, kSize);
}

RequestWindow::RequestWindow(RequestWindow&& other) noexcept : at_(std::exchange(other.at_, nullptr)) {}

void RequestWindow::put(std::string_view header, std::string_view body) {
  std::copy(body.begin(), body.end(), std::copy(header.begin(), header.end(), at_));
}

}  // namespace postern
