// SPDX-License-Identifier: GPL-2.0-or-later
// What most sources include, compiled once where configure was told --enable-precompiled-header.  Headers of others
// only: nothing of ours, and nothing that few use.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#if __has_include(<cppunit/extensions/HelperMacros.h>)
#include <cppunit/extensions/HelperMacros.h>
#endif
