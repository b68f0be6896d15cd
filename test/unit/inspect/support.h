// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of inspect/ share: where their programs are, and pools of workers that do as they are told.
#pragma once

#include <cppunit/TestAssert.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "inspect/inspector.h"

namespace postern {

// A program of the build tree's test/unit.
inline std::string test_program(const std::string& name) {
  const char* top = std::getenv("top_builddir");
  return std::string(top != nullptr ? top : ".") + "/test/unit/" + name;
}

inline InspectRequest order(const std::string& what) {
  InspectRequest request;
  request.header = "Do: " + what;
  return request;
}

inline std::unique_ptr<Inspector> pool(unsigned workers, Millis timeout = Millis(5000)) {
  InspectOptions options;
  options.program = test_program("inspect_obedient");
  options.workers = workers;
  options.timeout = timeout;
  options.memory = 128 << 20;
  auto started = start_inspector(options);
  if (!started) CPPUNIT_FAIL(started.error().text);
  return std::move(started).value();
}

inline Deadline soon(int millis = 10'000) { return Deadline::after(Millis(millis)); }

inline std::string told(Inspector& inspector, const std::string& what) {
  return inspector.inspect(order(what), soon()).text;
}

}  // namespace postern
