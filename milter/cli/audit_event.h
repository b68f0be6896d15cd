// SPDX-License-Identifier: GPL-2.0-or-later
// One access to the live archive, as Dovecot's log tells it: the lines that its event exporter writes in JSON, with the
// settings of contrib/livearchive.  Nothing is guessed from the words of other lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace postern {

struct AuditEvent {
  UnixTime when = 0;
  std::string user;     // the mailbox's address: alice@example.com for the archive's alice=example.com
  std::string action;   // login, refused, open, read, list, search, delete, copy, add, flag
  std::string mailbox;  // the folder; empty for a login
  std::string what;     // the message's UID, or the command's words
  std::string client;   // where from: an address
  std::string service;  // imap; smtp for whoever sends through it
  std::string session;  // Dovecot's name of the connection
  bool operator==(const AuditEvent&) const = default;
};

// What a line says; nothing for a line that tells of no access by a user (deliveries, starts, other programs).
// - login, refused: a password was right, or not;
// - open: a folder was selected; read: a message's body was fetched; list: only its header fields; search: the server
//   looked into its text;
// - delete, copy, add, flag: commands that change a folder (EXPUNGE, COPY and MOVE, APPEND, STORE).
std::optional<AuditEvent> audit_event(std::string_view line);

// The address of an archive's mailbox: its last "=" stands for the "@", where it has none.
std::string mailbox_address(std::string_view user);

}  // namespace postern
