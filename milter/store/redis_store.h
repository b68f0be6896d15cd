// SPDX-License-Identifier: GPL-2.0-or-later
// The store that a cluster shares.  Redis holds the truth; this is one node's view of it: tables and policies as they
// were when Redis last said that something changed, nothing newer, nothing of its own.  Writes only what nodes may
// write: tracking records, first stamps, counts, its own row, and the first signing key when there is none.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/node_row.h"
#include "store/picture_index.h"
#include "store/redis_pictures.h"
#include "store/redis_policies.h"
#include "store/redis_pool.h"
#include "store/redis_watch.h"
#include "store/redis_writer.h"
#include "store/store.h"
#include "store/table_builder.h"

namespace postern {

class RedisStore final : public Store, private RedisListener {
 public:
  RedisStore(StoreOptions options, const RedisUrl& url);
  ~RedisStore() override;
  // Connects, or falls back to the copy on disk.
  void start();

  TablesPtr tables() override;
  std::optional<uint64_t> stale_seconds() const override;
  Result<std::vector<PolicyChain>> policies(std::span<const std::string> recipients, Deadline deadline) override;
  void track(TrackRecord record) override { writer_.track(std::move(record)); }
  Result<std::vector<std::optional<UnixTime>>> find(std::span<const TrackQuery> queries,
                                                    std::span<const std::string> recipients,
                                                    Deadline deadline) override;
  bool blocks_pictures() const override;
  Result<std::vector<ImageCount>> count_images(std::span<const ImageSighting> images, UnixTime now,
                                               Deadline deadline) override;
  void count_refusal(const IpAddress& client, UnixTime now) override { writer_.refusals().count(client, now); }
  void count_bounce(std::string_view domain, std::string_view outcome) override {
    writer_.bounces().count(domain, outcome);
  }
  StoreHealth health() const override;
  Status reload() override;
  bool flush(Deadline deadline) override { return writer_.flush(deadline); }
  Result<std::vector<RefusedSource>> refused(size_t limit, Deadline deadline) override;
  Result<std::vector<NodeInfo>> nodes(Deadline deadline) override;
  void describe(std::string_view field, std::string_view value) override;

 private:
  void on_connect(const ServerIdentity& server) override;
  bool on_tables(RawTables raw) override;
  void on_policy_changed(std::string_view who) override;
  void on_all_policies_changed() override;
  void on_confirmed(int64_t asked) override;
  void on_lost(const std::string& why) override;
  std::vector<RedisCommand> node_commands() override;

  bool trusted(int64_t now) const;
  void log_tables(const RawTables& raw, const TablesPtr& before);
  void look_at_gate();
  bool make_first_key();
  void keep_copy(const TablesPtr& before);
  std::string path_of_copy() const;

  const StoreOptions options_;
  const RedisUrl url_;
  const UnixTime started_ = unix_now();
  StopSignal stop_;
  std::atomic<bool> current_{false};    // notices arrive and everything was read since they do
  std::atomic<int64_t> confirmed_{0};  // steady microseconds: everything that Redis held then has been applied

  mutable std::mutex mutex_;  // what other threads see
  TablesPtr tables_;
  std::shared_ptr<const PictureList> pictures_;
  std::string server_;  // "127.0.0.1:6379 (master)"
  std::map<std::string, std::string> described_;
  bool describe_again_ = false;

  // The watching thread's own (and start()'s before it).
  TableBuilder builder_;
  bool ever_connected_ = false, away_said_ = false;
  bool first_key_tried_ = false;
  int64_t node_written_ = 0;  // steady microseconds
  uint64_t went_back_ = 0;
  std::string node_digest_;
  GateWatch gate_;

  RedisPool pool_;
  RedisPolicies policies_;
  RedisPictures counter_;
  RedisWriter writer_;
  RedisWatch watch_;
};

}  // namespace postern
