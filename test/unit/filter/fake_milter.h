// SPDX-License-Identifier: GPL-2.0-or-later
// Stands in for libmilter in unit tests: keeps what the filter asks the MTA for, and hands out macros.  Linked
// instead of the library.
#pragma once

#include <libmilter/mfapi.h>

#include <map>
#include <string>
#include <vector>

// libmilter's own type; it is opaque to filters.
struct smfi_str {
  void* priv = nullptr;
  std::map<std::string, std::string> macros;
  std::vector<std::string> calls;  // "insheader 1 X-A: v", "delrcpt <a@example.com>", ...
  std::string reply;               // "550 5.7.1 text"
  int answer = MI_SUCCESS;         // what every call gives
};
