// SPDX-License-Identifier: GPL-2.0-or-later
// Postfix's configuration as postconf(1) tells it, as far as milters are concerned.  Reads only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace postern {

// A service of master.cf that takes mail by SMTP ("smtp/inet"), or cleanup(8) for sendmail(1).
struct PostfixService {
  std::string name;
  bool chroot = false;
  std::map<std::string, std::string> overrides;  // its -o options
};

// One entry of smtpd_milters.
struct MilterEntry {
  std::string address;                         // "unix:/run/postern/milter.sock"
  std::map<std::string, std::string> options;  // "default_action" -> "tempfail"
  std::string text;                            // the whole entry as it stands there
};

struct PostfixConfig {
  std::map<std::string, std::string> values;  // main.cf and defaults, $names expanded
  std::vector<PostfixService> inlets;         // smtpd(8) on an address
  bool cleanup_chroot = false;

  // The value that holds for a service.
  std::string value(std::string_view name) const;
  std::string value(std::string_view name, const PostfixService& service) const;
};

// `directory` is that of main.cf, empty for the default.  kNotFound when there is no postconf.
Result<PostfixConfig> read_postfix(const std::string& directory);
// Reads "{ unix:/run/x, default_action=accept }, inet:127.0.0.1:8891": blanks and commas part entries.
std::vector<MilterEntry> parse_milters(std::string_view text);
// Seconds of a time such as "30", "30s", "5m", "2h"; -1 if it is none.
int64_t postfix_seconds(std::string_view text);
// The file that "unix:PATH" names for a process: below the queue directory for a relative path, and for any path of a
// process in a chroot.  Empty for other kinds of address.
std::string socket_file(std::string_view address, bool chroot, std::string_view queue_directory);

}  // namespace postern
