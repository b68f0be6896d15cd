// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>

namespace postern {

std::string journal_name(std::string_view key) {
  std::string out = "POSTERN_";
  for (const char c : key) {
    if (c >= 'a' && c <= 'z') {
      out += static_cast<char>(c - 'a' + 'A');
    } else {
      out += (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return out;
}

std::string journal_entry(const JournalFields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += name;
    if (value.find('\n') == std::string::npos) {
      out += '=' + value;
    } else {
      out += '\n';
      for (unsigned shift = 0; shift < 64; shift += 8) {  // 64 bits, little-endian
        out += static_cast<char>(static_cast<uint64_t>(value.size()) >> shift & 0xff);
      }
      out += value;
    }
    out += '\n';
  }
  return out;
}

Journal::Journal(std::string_view path) : path_(path), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

bool Journal::send(const JournalFields& fields) const {
  sockaddr_un address{};
  if (path_.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, path_.size());
  const std::string entry = journal_entry(fields);
  return ::sendto(fd_.get(), entry.data(), entry.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                  sizeof address) >= 0;
}

}  // namespace postern
