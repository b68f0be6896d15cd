// SPDX-License-Identifier: GPL-2.0-or-later
// The store of one host that needs no server: tables from files, keys and tracking records in state-directory, counts
// in bounded memory.  One background thread looks each second whether a file changed, writes records, and removes
// what is old.  Never writes into tables-directory.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "store/counters.h"
#include "store/node_row.h"
#include "store/picture_index.h"
#include "store/state_files.h"
#include "store/store.h"
#include "store/table_builder.h"
#include "store/table_files.h"
#include "store/track_files.h"

namespace postern {

class EmbeddedStore final : public Store {
 public:
  explicit EmbeddedStore(StoreOptions options);
  ~EmbeddedStore() override;

  TablesPtr tables() override;
  Result<std::vector<PolicyChain>> policies(std::span<const std::string> recipients, Deadline deadline) override;
  void track(TrackRecord record) override;
  Result<std::vector<std::optional<UnixTime>>> find(std::span<const TrackQuery> queries,
                                                    std::span<const std::string> recipients,
                                                    Deadline deadline) override;
  bool blocks_pictures() const override;
  Result<std::vector<ImageCount>> count_images(std::span<const ImageSighting> images, UnixTime now,
                                               Deadline deadline) override;
  void count_refusal(const IpAddress& client, UnixTime now) override { refusals_.count(client, now); }
  void count_bounce(std::string_view domain, std::string_view outcome) override { bounces_.count(domain, outcome); }
  StoreHealth health() const override;
  Status reload() override;
  bool flush(Deadline deadline) override;
  Result<std::vector<RefusedSource>> refused(size_t limit, Deadline deadline) override;
  Result<std::vector<NodeInfo>> nodes(Deadline deadline) override;
  void describe(std::string_view field, std::string_view value) override;

 private:
  void run();
  void look_at_files();
  void write_pending();
  void read_state();
  void write_state();
  NodeInfo self() const;

  const StoreOptions options_;

  mutable std::mutex tables_mutex_;  // the pointers below
  TablesPtr tables_;
  std::shared_ptr<const PolicyMap> policy_;
  std::shared_ptr<const PictureList> pictures_;

  std::mutex reading_mutex_;  // reading of files: what follows
  TableFiles table_files_;
  StateFiles state_files_;
  TableBuilder builder_;
  std::string signature_;
  GateWatch gate_;

  std::mutex track_mutex_;  // tracking files
  TrackFiles track_files_;
  std::set<std::string, std::less<>> dated_;  // domains whose first stamp is recorded

  mutable std::mutex queue_mutex_;  // the queue and what wakes the thread
  std::condition_variable wake_;
  std::vector<TrackRecord> queue_;
  std::string fault_;
  std::map<std::string, std::string> described_;
  bool stopping_ = false;

  std::mutex memory_mutex_;  // picture counts
  PictureMemory memory_;
  DropCounter dropped_;
  RefusalCounter refusals_;
  BounceCounter bounces_;
  std::thread thread_;
};

}  // namespace postern
