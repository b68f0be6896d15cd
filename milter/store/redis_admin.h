// SPDX-License-Identifier: GPL-2.0-or-later
// The administrator's side of the shared store.  A change is one script: rows, generation and audit trail move
// together or not at all.
#pragma once

#include <memory>

#include "store/admin.h"
#include "store/redis_connection.h"

namespace postern {

class RedisAdmin final : public Admin {
 public:
  static Result<std::unique_ptr<Admin>> open(const StoreOptions& options);

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
  RedisAdmin(std::unique_ptr<RedisConnection> connection, Millis timeout)
      : connection_(std::move(connection)), timeout_(timeout) {}
  static std::string key_of(TableName table);  // for `policy` the prefix
  // A policy as one row; what is not understood stays as it is, so that it can be seen and mended.
  static std::string policy_text(const TableRows& fields);
  static constexpr size_t kBatch = 10'000;  // commands in one round trip
  Deadline soon() const { return Deadline::after(timeout_); }
  Result<std::vector<std::optional<std::string>>> rows_now(TableName table, const std::vector<RowChange>& changes);
  Result<std::optional<uint64_t>> try_apply(TableName table, const std::vector<RowChange>& changes,
                                            const RedisCommand& script);
  Result<std::vector<ReplyPtr>> run(std::span<const RedisCommand> commands);

  std::unique_ptr<RedisConnection> connection_;
  Millis timeout_;
};

}  // namespace postern
