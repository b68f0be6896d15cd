// SPDX-License-Identifier: GPL-2.0-or-later
// postern digest: each user with new mail in his quarantine gets one mail that names it.
#pragma once

#include <string>
#include <vector>

#include "conf/settings.h"

namespace postern {

struct DigestOptions {
  std::string users_file;          // instead of the setting digest-users; "-" is standard input
  std::vector<std::string> users;  // these only; empty: those of the file
  bool dry_run = false;            // say who would get one; send nothing and note nothing
};

// The keyword (RFC 3501 section 2.3.2) of messages that a digest has told of.  It is set once sendmail(1) has taken the
// digest: who is interrupted in between tells of those messages once more, and never leaves one out.
inline constexpr const char* kToldKeyword = "$PosternDigested";

// Gives the exit status: 0 all were served, 1 not all, 2 none could be.
int send_digests(const Settings& settings, const DigestOptions& options);

}  // namespace postern
