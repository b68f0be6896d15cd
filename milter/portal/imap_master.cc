// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/imap_master.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/files.h"
#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxFile = 1024;

Status check_mode(const std::string& path, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return unavailable(path + ": expected a file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0 && ::geteuid() != 0) {
    return unavailable(path + ": belongs to user " + std::to_string(status.st_uid) + ", expected root or " +
                       std::to_string(::geteuid()));
  }
  if ((status.st_mode & (S_IWGRP | S_IRWXO)) == 0) return Nothing{};
  return unavailable(path + " holds a secret and has mode " + mode_text(status.st_mode) + ": expected 0600 or 0640");
}

}  // namespace

Result<ImapLogin> read_imap_master(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return unavailable(path + ": " + std::strerror(errno));
  const Status good = check_mode(path, fd.get());
  if (!good.ok()) return good.error();
  std::array<char, kMaxFile> text{};
  const ssize_t size = ::read(fd.get(), text.data(), text.size());
  if (size < 0) return unavailable(path + ": " + std::strerror(errno));
  std::string_view line(text.data(), static_cast<size_t>(size));
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const size_t colon = line.find(':');
  const bool whole = static_cast<size_t>(size) < kMaxFile && line.find('\0') == std::string_view::npos;
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == line.size() || !whole) {
    return invalid(path + ":1: expected NAME:PASSWORD");
  }
  return ImapLogin{std::string(line.substr(0, colon)), std::string(line.substr(colon + 1))};
}

Result<std::unique_ptr<ImapConnection>> open_mailbox(const Settings& settings, const std::string& user,
                                                     Deadline deadline) {
  auto login = read_imap_master(settings.portal_imap_master);
  if (!login.ok()) return unavailable(login.error().text);
  login.value().as = user;
  auto opened = ImapConnection::open(settings.portal_imap, *login, deadline);
  if (opened.ok() || opened.error().kind != ErrorKind::kInvalid) return opened;
  return invalid("the IMAP server refuses master user " + printable(login->user) +
                 ", or that he opens the mailboxes of " + printable(user));
}

}  // namespace postern
