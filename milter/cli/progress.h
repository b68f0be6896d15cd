// SPDX-License-Identifier: GPL-2.0-or-later
// Says on a terminal how far a long command has got.  Writes to standard error, and nothing where that is no
// terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace postern {

class Progress {
 public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // "412 of 9000 files, 57/s", a few times a second at most.
  void at(size_t done, size_t all, const char* what);
  // A step that takes long and cannot be counted: "writing 900000 rows ...".
  void step(const std::string& words);
  // Takes the line off the terminal, so that another can be written.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void show(const std::string& text);

  const bool terminal_;
  const Clock::time_point started_ = Clock::now();
  Clock::time_point next_ = started_;
  bool shown_ = false;
};

}  // namespace postern
