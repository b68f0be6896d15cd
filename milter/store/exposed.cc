// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/exposed.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "base/files.h"
#include "store/redis_url.h"

namespace postern {
namespace {

void check(std::vector<std::string>& out, const std::string& path, mode_t forbidden, const std::string& mend) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & forbidden) == 0) return;
  out.push_back(path + " holds a secret and has mode " + mode_text(status.st_mode) +
                ", so others can read it: chmod " + mend + " " + path);
}

}  // namespace

std::vector<std::string> exposed_secrets(const std::string& config_path, const Settings& settings) {
  std::vector<std::string> out;
  const auto url = parse_redis_url(settings.redis);
  const bool password = url.ok() && !(url->password.empty() && url->sentinel_password.empty());
  if (password && !config_path.empty()) check(out, config_path, S_IROTH | S_IWOTH, "o-rwx");
  if (settings.state_directory.empty()) return out;
  std::error_code fault;
  for (const auto& each : std::filesystem::directory_iterator(settings.state_directory, fault)) {
    const std::string name = each.path().filename();
    if (name == "keys" || name.starts_with("tables")) check(out, each.path(), S_IRWXG | S_IRWXO, "600");
  }
  return out;
}

}  // namespace postern
