// SPDX-License-Identifier: GPL-2.0-or-later
// postern digest: done by postern-portal, which knows IMAP and need not be installed where nobody wants it.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/arguments.h"
#include "base/files.h"
#include "cli/commands.h"

namespace postern {

int run_digest(const CommandContext& context, const DigestCommand& options) {
  const std::string program = find_program("postern-portal", POSTERN_SBINDIR "/postern-portal");
  std::vector<std::string> words{program, "--digest"};
  if (context.config_given) words.insert(words.end(), {"-c", context.config_path});
  if (!options.users_file.empty()) words.insert(words.end(), {"--users", options.users_file});
  if (options.dry_run) words.emplace_back("--dry-run");
  words.emplace_back("--");
  words.insert(words.end(), options.users.begin(), options.users.end());
  ::execv(program.c_str(), pointers(words).data());
  std::cerr << "postern: " << program << ": " << std::strerror(errno)
            << (errno == ENOENT ? "; digests are sent by postern-portal(8), which is not installed" : "") << "\n";
  return 2;
}

}  // namespace postern
