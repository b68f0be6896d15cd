// SPDX-License-Identifier: GPL-2.0-or-later
// The socket that the portal listens on.
#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace postern {

// Listens on inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH, and does not block.  A dead program's socket file is
// replaced, any other file is an error; a socket file gets mode 0660.
Result<Fd> listen_for_http(const std::string& spec);

}  // namespace postern
