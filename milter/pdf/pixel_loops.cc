// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/pixel_loops.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace postern {
namespace {

// A sliding window over it has any number of set lanes first.
constexpr unsigned kWidest = 32;
struct Edge {
  uint8_t bytes[2 * kWidest];
};
constexpr Edge kEdge = [] {
  Edge edge{};
  for (unsigned i = 0; i < kWidest; ++i) edge.bytes[i] = 255;
  return edge;
}();
constexpr const uint8_t* kFirst = kEdge.bytes;

namespace plain {
#define POSTERN_LANES 16
#include "pdf/pixel_loops.inc"
#undef POSTERN_LANES
}  // namespace plain

#if defined(__x86_64__) && defined(__GNUC__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
namespace wide {
#define POSTERN_LANES 32
#include "pdf/pixel_loops.inc"
#undef POSTERN_LANES
}  // namespace wide
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const PixelLoops& best() { return __builtin_cpu_supports("avx2") ? wide::kLoops : plain::kLoops; }
#else
const PixelLoops& best() { return plain::kLoops; }
#endif

}  // namespace

const PixelLoops& pixel_loops() {
  static const PixelLoops& kBest = best();
  return kBest;
}

const PixelLoops& plain_pixel_loops() { return plain::kLoops; }

}  // namespace postern
