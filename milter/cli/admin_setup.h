// SPDX-License-Identifier: GPL-2.0-or-later
// What the table and cluster commands share: opening the administrator's side of the store, complaints, names, JSON.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "store/admin.h"

namespace postern {

Result<std::unique_ptr<Admin>> set_up_admin(const Settings& settings);
inline Result<std::unique_ptr<Admin>> set_up_admin(const CommandContext& context) {
  return set_up_admin(context.settings);
}
// Prints the error, each line with "postern: " before it; the exit status 2.
int complain(const Error& error);
// Who is at the keyboard, for the audit trail: the login name (behind sudo the one who called it) and the host.
std::string who_am_i();
// The text of a file, or of standard input for "-".
Result<std::string> read_input(const std::string& path);
// Columns of text, each as wide as its widest cell; the last is not padded.
std::string columns(const std::vector<std::vector<std::string>>& rows);
// "3 min", "2 days": how long ago something was.
std::string age_words(int64_t seconds);

// The table `domains` as people read it: states, dates, and what became of the bounces.
int list_domains(const CommandContext& context, Admin& admin);

// Makes the table what `wanted` says, or with dry_run shows what that would change.  Refuses to take more than half
// of the rows away unless forced.
int load_table(const CommandContext& context, Admin& admin, TableName table, TableRows wanted,
               const TableOptions& options);
// How many rows these changes take away.
size_t rows_gone(const std::vector<RowChange>& changes);
// Whether that is more than half of a table that is worth the question.
bool takes_most_away(const TableRows& present, const std::vector<RowChange>& changes);
// Prints changes as a diff: "- key value", "+ key value".
void print_changes(const CommandContext& context, const std::vector<RowChange>& changes);

}  // namespace postern
