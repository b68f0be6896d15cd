// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/core_dumps.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "config.h"

namespace postern {

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef POSTERN_SANITIZED  // the leak checker looks at the process from another one
  // A limit does not stop the kernel from feeding a collector (core(5)); this does.
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace postern
