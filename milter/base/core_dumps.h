// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that holds keys and mail must not end in a file.
#pragma once

namespace postern {

// No core dump of this process, to a file or to a program that collects them, and no other user's debugger.  A child
// that runs another program has to do it again.
void forbid_core_dumps();

}  // namespace postern
