// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: whether the daemon can keep its keys, records and last good tables.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstring>

#include "cli/doctor.h"
#include "cli/doctor_probe.h"

namespace postern {
namespace {

constexpr const char* kState = "state";
constexpr const char* kAccount = "postern";  // of the unit and the packages
constexpr uint64_t kRoom = 1 << 20;          // bytes: a copy of the tables of an ordinary cluster

// The user that has to write there: whoever answers at the socket, else the packages' account.
std::string who_writes(const Settings& settings) {
  if (const auto uid = daemon_user(settings.listen)) return user_name(*uid);
  return kAccount;
}

}  // namespace

void look_at_state(const CommandContext& context, Findings& findings) {
  const std::string& place = context.settings.state_directory;
  const std::string owner = who_writes(context.settings);
  struct stat status {};
  struct statvfs disk {};
  if (::stat(place.c_str(), &status) != 0 || ::statvfs(place.c_str(), &disk) != 0) {
    const std::string why = std::strerror(errno);
    findings.fault(kState, "state-directory " + place + ": " + why + ", so new keys are lost by a restart",
                   {"install -d -o " + owner + " -g " + owner + " -m 0750 " + place, "systemctl restart postern"});
    return;
  }
  const auto user = find_user(owner);
  if (user && !may(*user, status, 3)) {
    findings.fault(kState, "user " + owner + " cannot write into " + place,
                   {"chown " + owner + " " + place, "chmod u+rwx " + place});
  } else if ((disk.f_flag & ST_RDONLY) != 0) {
    findings.fault(kState, place + " is on a file system that is mounted read-only",
                   {"mount -o remount,rw \"$(findmnt -n -o TARGET --target " + place + ")\""});
  } else if (uint64_t{disk.f_bavail} * disk.f_frsize < kRoom || (disk.f_files > 0 && disk.f_favail == 0)) {
    findings.fault(kState, "the disk of " + place + " is full, so keys, records and the last good tables are not kept",
                   {"df -h " + place + " && df -i " + place});
  } else {
    findings.good(kState, owner + " can write into " + place);
  }
}

}  // namespace postern
