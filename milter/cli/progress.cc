// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/progress.h"

#include <unistd.h>

#include <iostream>

namespace postern {
namespace {

constexpr std::chrono::milliseconds kEvery{200};

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::at(size_t done, size_t all, const char* what) {
  const Clock::time_point now = Clock::now();
  if (!terminal_ || all < 2 || now < next_) return;
  next_ = now + kEvery;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_).count();
  std::string text = std::to_string(done) + " of " + std::to_string(all) + " " + what;
  if (millis > 0) text += ", " + std::to_string(done * 1000 / static_cast<size_t>(millis)) + "/s";
  show(text);
}

void Progress::step(const std::string& words) {
  if (terminal_) show(words + " ...");
}

void Progress::clear() {
  if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  shown_ = false;
}

void Progress::show(const std::string& text) {
  std::cout << std::flush;  // both may be one terminal
  std::cerr << "\r\x1b[K" << text << std::flush;
  shown_ = true;
}

}  // namespace postern
