// SPDX-License-Identifier: GPL-2.0-or-later
// Room for bytes that decoders fill.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

// Leaves what is made without a value as it happens to be.
template <class T>
struct UnsetAllocator : std::allocator<T> {
  template <class U>
  void construct(U* at) noexcept {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Values>
  void construct(U* at, Values&&... values) {
    ::new (static_cast<void*>(at)) U(std::forward<Values>(values)...);
  }
};

// What Bytes(n) and resize(n) add has no value yet: to clear it takes time that many a stream does not even need to be
// decoded.
using Bytes = std::vector<char, UnsetAllocator<char>>;

inline std::string_view view(const Bytes& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace postern
