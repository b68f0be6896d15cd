// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/coverage.h"

#include <utility>

namespace postern {

Coverage::Coverage(unsigned width, unsigned height)
    : width_(width), height_(height), stride_(size_t{width} + 2), turns_(stride_ * height) {
  nothing();
}

void Coverage::nothing() {
  top_ = height_;
  left_ = static_cast<unsigned>(stride_);
  bottom_ = right_ = 0;
}

void Coverage::edge(Point from, Point to) {
  if (!std::isfinite(from.x) || !std::isfinite(from.y) || !std::isfinite(to.x) || !std::isfinite(to.y)) return;
  const bool down = from.y <= to.y;
  if (!down) std::swap(from, to);
  const double slope = (to.x - from.x) / (to.y - from.y);  // of no use where it is not finite: nothing is crossed
  const double first = std::clamp(from.y, 0.0, static_cast<double>(height_));
  const double last = std::clamp(to.y, 0.0, static_cast<double>(height_));
  if (!(first < last) || !std::isfinite(slope)) return;
  const auto x_at = [&](double y) {
    return std::clamp(from.x + (y - from.y) * slope, 0.0, static_cast<double>(width_));
  };
  const auto top = static_cast<unsigned>(first);
  const auto bottom = static_cast<unsigned>(std::ceil(last));
  for (unsigned y = top; y < bottom; ++y) {
    const double upper = std::max(first, static_cast<double>(y)), lower = std::min(last, y + 1.0);
    in_row(y, x_at(upper), x_at(lower), down ? lower - upper : upper - lower);
  }
  top_ = std::min(top_, top);
  bottom_ = std::max(bottom_, bottom);
}

// An edge turns the winding number of all that is right of it, and of the pixel that it crosses as far as that lies
// right of it.
void Coverage::in_row(unsigned y, double from, double to, double turns) {
  if (from > to) std::swap(from, to);
  float* const row = turns_.data() + static_cast<size_t>(y) * stride_;
  const auto first = static_cast<unsigned>(from), last = static_cast<unsigned>(to);
  for (unsigned x = first; x <= last; ++x) {
    const double enters = std::max(from, static_cast<double>(x)), leaves = std::min(to, x + 1.0);
    const double part = first == last ? turns : turns * (leaves - enters) / (to - from);
    const double left_of_it = (enters + leaves) / 2 - x;
    row[x] += static_cast<float>(part * (1 - left_of_it));
    row[x + 1] += static_cast<float>(part * left_of_it);
  }
  left_ = std::min(left_, first);
  right_ = std::max(right_, last + 2);
}

}  // namespace postern
