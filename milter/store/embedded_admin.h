// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator's side of the embedded store: edits the files in tables-directory, keeping comments and order,
// each file replaced in one step under a lock.  The audit trail is the file `changes` in state-directory.
#pragma once

#include "store/admin.h"
#include "store/state_files.h"
#include "store/table_files.h"

namespace postern {

class EmbeddedAdmin final : public Admin {
 public:
  explicit EmbeddedAdmin(const StoreOptions& options);

  Result<TableRows> rows(TableName table) override;
  Result<std::optional<std::string>> row(TableName table, std::string_view key) override;
  Result<uint64_t> apply(TableName table, const std::vector<RowChange>& changes, std::string_view who) override;
  Result<TableRows> keys() override;
  Result<std::optional<std::string>> feed(std::string_view id) override;
  Status set_feed(std::string_view id, const std::optional<std::string>& row) override;
  Result<bool> forget_picture(std::string_view fingerprint) override;
  Result<std::string> rotate_key(std::string_view who, UnixTime now) override;
  Result<std::vector<ChangeEntry>> changes(size_t count) override;
  Result<std::vector<NodeInfo>> nodes() override;
  Result<std::vector<RefusedSource>> refused(size_t limit) override;
  Result<DomainReports> domain_reports() override;
  Result<ServerInfo> server() override;

 private:
  Status edit_file(TableName table, const std::string& path, std::vector<RowChange>& changes, bool last);
  Result<TableRows> feeds() const;
  void remember(std::string_view table, const std::vector<RowChange>& changes, std::string_view who);

  const StoreOptions options_;
  TableFiles tables_;
  StateFiles state_;
};

// The text of a table file with changes made in it: rows are replaced or removed where they stand; with `append`, new
// rows come at the end.  Changes that were made are taken off the list.
std::string edit_table_text(TableName table, std::string_view text, std::vector<RowChange>& changes, bool append);

}  // namespace postern
