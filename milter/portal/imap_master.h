// SPDX-License-Identifier: GPL-2.0-or-later
// Users' mailboxes without their passwords, by the master user of portal-imap-master: for digests and feeds.
#pragma once

#include <memory>
#include <string>

#include "conf/settings.h"
#include "portal/imap.h"

namespace postern {

// The line NAME:PASSWORD of a file that nobody but its owner may write, and others may not read; the owner must be who
// asks, or root; root may ask for all.  The error names the file and what was expected.
Result<ImapLogin> read_imap_master(const std::string& path);
// Opens the mailboxes of `user`, named as the IMAP server does.  kInvalid: it refuses, the master user or to open
// these.
Result<std::unique_ptr<ImapConnection>> open_mailbox(const Settings& settings, const std::string& user,
                                                     Deadline deadline);

}  // namespace postern
