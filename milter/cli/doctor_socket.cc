// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: the files with secrets, and the socket between the MTA and the daemon.
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "cli/doctor.h"
#include "base/files.h"
#include "cli/doctor_probe.h"
#include "store/exposed.h"

namespace postern {
namespace {

constexpr const char* kSocket = "socket";
constexpr const char* kSettings = "settings";
constexpr const char* kStart = "systemctl start postern";

// Names the first thing on the way to the socket that keeps the MTA's user out; true if nothing does.
bool way_is_free(const std::string& path, const MailUser& mta, const User& user, Findings& findings) {
  namespace fs = std::filesystem;
  std::vector<fs::path> way;
  for (fs::path at = fs::path(path); at != at.root_path(); at = at.parent_path()) way.push_back(at);
  way.push_back("/");
  std::reverse(way.begin(), way.end());
  for (const fs::path& each : way) {
    const bool last = each == way.back();
    const unsigned bits = last ? 6 : 1;
    struct stat status {};
    if (::stat(each.c_str(), &status) != 0 || may(user, status, bits)) continue;
    const std::string group = group_name(status.st_gid);
    const bool group_may = ((status.st_mode >> 3) & bits) == bits && status.st_gid != 0;
    findings.fault(
        kSocket,
        "user " + mta.name + " cannot " + (last ? "use " : "pass ") + each.string() + " (mode " +
            mode_text(status.st_mode) + ", group " + group + ")",
        group_may
            ? std::vector<std::string>{"usermod -aG " + group + " " + mta.name, "systemctl restart " + mta.service}
            : std::vector<std::string>{"chgrp " + mta.name + " " + each.string(),
                                       "chmod " + std::string(last ? "g+rw " : "g+x ") + each.string()});
    return false;
  }
  return true;
}

// Offers terms as Postfix does (packets: length in 4 bytes, a letter, data) and waits for the answer of a milter.
bool answers_as_a_milter(const Fd& fd) {
  constexpr std::array<char, 17> kOffer{0, 0, 0, 13, 'O', 0, 0, 0, 6, 0, 0, 1, '\xff', 0, 0x1f, '\xff', '\xff'};
  constexpr std::array<char, 5> kQuit{0, 0, 0, 1, 'Q'};
  std::array<char, 5> answer{};
  if (::send(fd.get(), kOffer.data(), kOffer.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(kOffer.size()))
    return false;
  const bool answered =
      ::recv(fd.get(), answer.data(), answer.size(), MSG_WAITALL) == static_cast<ssize_t>(answer.size()) &&
      answer[4] == 'O';
  static_cast<void>(::send(fd.get(), kQuit.data(), kQuit.size(), MSG_NOSIGNAL));
  return answered;
}

}  // namespace

void look_at_settings(const CommandContext& context, Findings& findings) {
  for (const std::string& each : exposed_secrets(context.config_path, context.settings)) {
    // "FILE holds a secret ...: COMMAND"
    const size_t colon = each.rfind(": ");
    findings.fault(kSettings, each.substr(0, colon), {each.substr(colon + 2)});
  }
  const std::string name = context.config_path.empty() ? "the built-in defaults" : context.config_path;
  findings.good(kSettings, name + " can be read; mode is " +
                             std::string(context.settings.mode == Mode::kMonitor ? "monitor" : "enforce"));
}

void look_at_socket(const CommandContext& context, const MailUser& mta, Findings& findings) {
  const std::string& listen = context.settings.listen;
  const std::string path = socket_path(listen);
  const bool file = !path.empty();
  const Connected connection = connect_to_daemon(listen);
  if (connection.fault != 0) {
    findings.fault(kSocket,
                   "postern-milter does not listen on " + listen + " (" + std::strerror(connection.fault) + ")",
                   {kStart});
    return;
  }
  if (!answers_as_a_milter(connection.fd)) {
    findings.fault(kSocket, "what listens on " + listen + " does not answer as a milter",
                   {file ? "fuser -v " + path : "ss -ltnp"});
    return;
  }
  if (file && !mta.name.empty()) {
    const auto user = find_user(mta.name);
    if (user && !way_is_free(path, mta, *user, findings)) return;
  }
  findings.good(kSocket, "postern-milter answers on " + listen);
}

}  // namespace postern
