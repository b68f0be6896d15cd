// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/rows.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.h"
#include "base/strings.h"

namespace postern {
namespace {

class Digest {
 public:
  Digest() { crypto_generichash_init(&state_, nullptr, 0, kBytes); }
  void add(std::string_view text) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    const unsigned char end = 0;
    crypto_generichash_update(&state_, &end, 1);
  }
  std::string finish() {
    std::array<unsigned char, kBytes> out{};
    crypto_generichash_final(&state_, out.data(), out.size());
    return hex(std::string_view(reinterpret_cast<const char*>(out.data()), 8));
  }

 private:
  static constexpr size_t kBytes = 16;  // the least that libsodium allows; half of it is shown
  crypto_generichash_state state_{};
};

std::string errno_text(const std::string& path) { return path + ": " + std::strerror(errno); }

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::write(fd, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    text.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

}  // namespace

std::string place_key(std::string_view table, std::string_view key) {
  return std::string(table) + '\t' + std::string(key);
}

std::string digest_of(const RawTables& raw) {
  Digest digest;
  const auto add = [&digest](std::string_view table, const TableRows& rows) {
    for (const auto& [key, value] : rows) {
      digest.add(table);
      digest.add(key);
      digest.add(value);
    }
  };
  add("networks", raw.networks);
  add("rules", raw.rules);
  add("domains", raw.domains);
  add("keys", raw.keys);
  return digest.finish();
}

void each_row(std::string_view table, std::string_view text,
              const std::function<void(unsigned line, std::string_view key, std::string_view value)>& row) {
  unsigned number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (table == "networks") {
      const NetworkLine cut = split_network_line(line);
      if (!cut.key.empty()) row(number, cut.key, cut.value);
      continue;
    }
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#') continue;
    size_t end = 0;
    while (end < content.size() && !is_space(content[end])) ++end;
    row(number, content.substr(0, end), trim(content.substr(end)));
  }
}

std::string escape_word(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > ' ' && c != '%' && c != 0x7f) {
      out += c;
    } else {
      out += '%' + hex(std::string_view(&c, 1));
    }
  }
  return out;
}

bool is_domain_key(std::string_view domain) {
  if (domain.empty() || domain.size() > 255 || domain.front() == '#') return false;
  for (const char c : domain) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  }
  return true;
}

Result<std::string> read_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return errno == ENOENT ? not_found(errno_text(path)) : unavailable(errno_text(path));
  std::string out;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unavailable(errno_text(path));
    if (got == 0) return out;
    out.append(buffer.data(), static_cast<size_t>(got));
  }
}

void hand_over(int fd, const std::string& path) {
  struct stat around {};
  const std::string directory = path.substr(0, path.rfind('/'));
  if (::geteuid() != 0 || ::stat(directory.empty() ? "/" : directory.c_str(), &around) != 0 || around.st_uid == 0)
    return;
  if (::fchown(fd, around.st_uid, around.st_gid) != 0) return;  // the daemon will say what it cannot read
}

bool make_directory(const std::string& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) != 0) return errno == EEXIST;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid()) hand_over(fd.get(), path);
  return true;
}

Status replace_file(const std::string& path, std::string_view text, unsigned mode) {
  std::string temporary = path + ".XXXXXX";
  const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return unavailable(errno_text(temporary));
  hand_over(fd.get(), path);
  if (::fchmod(fd.get(), mode) == 0 && write_all(fd.get(), text) && ::fsync(fd.get()) == 0 &&
      ::rename(temporary.c_str(), path.c_str()) == 0)
    return Nothing{};
  const Error fault = unavailable(errno_text(path));
  ::unlink(temporary.c_str());
  return fault;
}

}  // namespace postern
