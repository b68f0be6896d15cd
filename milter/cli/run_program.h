// SPDX-License-Identifier: GPL-2.0-or-later
// Runs another program and reads what it prints, line by line, without a shell.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace postern {

// Runs `arguments[0]`, found by PATH; `line` gets each line of its standard output.  Its standard input is `input`, a
// descriptor, or empty; its standard error is dropped.  Gives its exit status; kNotFound when it is not there,
// kUnavailable when it was killed.
Result<int> run_program(const std::vector<std::string>& arguments, const std::function<void(std::string_view)>& line,
                        int input = -1);

}  // namespace postern
