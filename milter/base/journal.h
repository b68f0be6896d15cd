// SPDX-License-Identifier: GPL-2.0-or-later
// systemd's journal, spoken to in its own protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL/): one datagram of
// fields for each entry, so that `journalctl POSTERN_VERDICT=spam` finds messages without reading text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fd.h"

namespace postern {

constexpr std::string_view kJournalSocket = "/run/systemd/journal/socket";

// Name, in capital letters, digits and underscores, and value, of any bytes.  A name may occur more than once.
using JournalFields = std::vector<std::pair<std::string, std::string>>;

// "queue-id" -> "POSTERN_QUEUE_ID".
std::string journal_name(std::string_view key);
// The entry's bytes: NAME=value, or NAME, size and value where the value holds a line end, which no value can forge.
std::string journal_entry(const JournalFields& fields);

class Journal {
 public:
  // `path`: the journal's socket.
  explicit Journal(std::string_view path = kJournalSocket);
  // False: the journal did not take it (it is away, or the entry is larger than a datagram).
  bool send(const JournalFields& fields) const;

 private:
  std::string path_;
  Fd fd_;
};

}  // namespace postern
