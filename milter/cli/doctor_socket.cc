// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: the files with secrets, and the socket between the MTA and the daemon.
#include <grp.h>
#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/fd.h"
#include "base/strings.h"
#include "cli/doctor.h"
#include "store/exposed.h"

namespace postern {
namespace {

constexpr const char* kSocket = "socket";
constexpr const char* kSettings = "settings";
constexpr const char* kStart = "systemctl start postern";

struct User {
  uid_t uid = 0;
  std::vector<gid_t> groups;
};

std::optional<User> find_user(const std::string& name) {
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr) return std::nullopt;
  User user{entry->pw_uid, {}};
  int count = 64;
  user.groups.resize(static_cast<size_t>(count));
  if (::getgrouplist(name.c_str(), entry->pw_gid, user.groups.data(), &count) < 0) count = 64;
  user.groups.resize(static_cast<size_t>(std::max(count, 0)));
  return user;
}

std::string group_name(gid_t gid) {
  const group* entry = ::getgrgid(gid);
  return entry == nullptr ? std::to_string(gid) : entry->gr_name;
}

// Whether the mode bits (r 4, w 2, x 1) are the user's, as the kernel sees it: owner, else group, else others.
bool may(const User& user, const struct stat& status, unsigned bits) {
  unsigned shift = 0;
  if (user.uid == status.st_uid) {
    shift = 6;
  } else if (std::find(user.groups.begin(), user.groups.end(), status.st_gid) != user.groups.end()) {
    shift = 3;
  }
  return ((status.st_mode >> shift) & bits) == bits;
}

std::string octal(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

// Names the first thing on the way to the socket that keeps the MTA's user out; true if nothing does.
bool way_is_free(const std::string& path, const std::string& owner, const User& user, Findings& findings) {
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
    findings.fault(kSocket,
                   "user " + owner + " cannot " + (last ? "use " : "pass ") + each.string() + " (mode " +
                       octal(status.st_mode) + ", group " + group + ")",
                   group_may
                       ? std::vector<std::string>{"usermod -aG " + group + " " + owner, "systemctl restart postfix"}
                       : std::vector<std::string>{"chgrp " + owner + " " + each.string(),
                                                  "chmod " + std::string(last ? "g+rw " : "g+x ") + each.string()});
    return false;
  }
  return true;
}

struct Connected {
  Fd fd;
  int fault = 0;
};

Connected connect_to(const sockaddr* address, socklen_t size) {
  Connected out{Fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  const timeval patience{5, 0};
  ::setsockopt(out.fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(out.fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(out.fd.get(), address, size) != 0) out.fault = errno;
  return out;
}

Connected connect_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  return connect_to(reinterpret_cast<const sockaddr*>(&name), sizeof name);
}

Connected connect_inet(const std::string& listen) {
  const std::string rest = listen.substr(listen.find(':') + 1);
  const size_t at = rest.find('@');
  std::string host = at == std::string::npos ? "" : rest.substr(at + 1);
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  addrinfo hints{};
  hints.ai_family = listen.starts_with("inet6") ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.empty() ? nullptr : host.c_str(), rest.substr(0, at).c_str(), &hints, &found) != 0) {
    return {Fd(), EADDRNOTAVAIL};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  return connect_to(found->ai_addr, found->ai_addrlen);
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

void look_at_socket(const CommandContext& context, const std::string& mail_owner, Findings& findings) {
  const std::string& listen = context.settings.listen;
  const bool file = !listen.starts_with("inet");
  const std::string path = file ? listen.substr(listen.find(':') + 1) : "";
  const Connected connection = file ? connect_unix(path) : connect_inet(listen);
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
  if (file && !mail_owner.empty()) {
    const auto user = find_user(mail_owner);
    if (user && !way_is_free(path, mail_owner, *user, findings)) return;
  }
  findings.good(kSocket, "postern-milter answers on " + listen);
}

}  // namespace postern
