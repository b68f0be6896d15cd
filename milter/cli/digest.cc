// SPDX-License-Identifier: GPL-2.0-or-later
// postern digest: done by postern-portal, which knows IMAP and need not be installed where nobody wants it.
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "cli/commands.h"

namespace postern {
namespace {

// Beside this program before it is installed, else where it is installed.
std::string find_portal() {
  std::string self(PATH_MAX, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size());
  if (size > 0) {
    self.resize(static_cast<size_t>(size));
    const std::string beside = self.substr(0, self.rfind('/') + 1) + "postern-portal";
    if (::access(beside.c_str(), X_OK) == 0) return beside;
  }
  return POSTERN_SBINDIR "/postern-portal";
}

}  // namespace

int run_digest(const CommandContext& context, const DigestCommand& options) {
  const std::string program = find_portal();
  std::vector<std::string> words{program, "--digest"};
  if (context.config_given) words.insert(words.end(), {"-c", context.config_path});
  if (!options.users_file.empty()) words.insert(words.end(), {"--users", options.users_file});
  if (options.dry_run) words.emplace_back("--dry-run");
  words.emplace_back("--");
  words.insert(words.end(), options.users.begin(), options.users.end());
  std::vector<char*> argv;
  for (std::string& each : words) argv.push_back(each.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  std::cerr << "postern: " << program << ": " << std::strerror(errno)
            << (errno == ENOENT ? "; digests are sent by postern-portal(8), which is not installed" : "") << "\n";
  return 2;
}

}  // namespace postern
