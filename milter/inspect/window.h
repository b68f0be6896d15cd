// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that the daemon shares with one worker, so that most requests need not be copied through the kernel.  Only the
// daemon writes it, and it never reads it: even on a kernel that cannot keep a worker from writing (before 5.1), that
// would harm nobody but the worker itself.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace postern {

class RequestWindow {
 public:
  // A request whose header and body fit is in the window, the one behind the other; a longer one follows its frame.
  static constexpr size_t kSize = 1 << 20;
  static bool holds(size_t header, size_t body) { return header <= kSize && body <= kSize - header; }

  // A file in memory for a window; it may be closed once all who share it have mapped it.
  static Result<Fd> make_file();
  // `writable`: for the daemon; once, and before anybody else maps it.
  static Result<RequestWindow> map(int file, bool writable);
  ~RequestWindow();
  RequestWindow(RequestWindow&& other) noexcept;
  RequestWindow(const RequestWindow&) = delete;
  RequestWindow& operator=(const RequestWindow&) = delete;

  // They must fit.
  void put(std::string_view header, std::string_view body);
  std::string_view part(size_t start, size_t size) const { return {at_ + start, size}; }

 private:
  explicit RequestWindow(char* at) : at_(at) {}
  char* at_;
};

}  // namespace postern
