// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/looking_store.h"

#include <utility>

namespace postern {
namespace {

class LookingStore final : public Store {
 public:
  explicit LookingStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}

  TablesPtr tables() override { return store_->tables(); }
  std::optional<uint64_t> stale_seconds() const override { return store_->stale_seconds(); }
  Result<std::vector<PolicyChain>> policies(std::span<const std::string> recipients, Deadline deadline) override {
    return store_->policies(recipients, deadline);
  }
  void track(TrackRecord) override {}
  Result<std::vector<std::optional<UnixTime>>> find(std::span<const TrackQuery> queries,
                                                    std::span<const std::string> recipients,
                                                    Deadline deadline) override {
    return store_->find(queries, recipients, deadline);
  }
  bool blocks_pictures() const override { return store_->blocks_pictures(); }
  Result<std::vector<ImageCount>> count_images(std::span<const ImageSighting> images, UnixTime now,
                                               Deadline deadline) override {
    std::vector<ImageSighting> asked(images.begin(), images.end());
    for (ImageSighting& each : asked) each.counted = false;
    return store_->count_images(asked, now, deadline);
  }
  void count_refusal(const IpAddress&, UnixTime) override {}
  void count_bounce(std::string_view, std::string_view) override {}
  StoreHealth health() const override { return store_->health(); }
  Status reload() override { return store_->reload(); }
  bool flush(Deadline deadline) override { return store_->flush(deadline); }
  Result<std::vector<RefusedSource>> refused(size_t limit, Deadline deadline) override {
    return store_->refused(limit, deadline);
  }
  Result<std::vector<NodeInfo>> nodes(Deadline deadline) override { return store_->nodes(deadline); }
  void describe(std::string_view, std::string_view) override {}

 private:
  std::unique_ptr<Store> store_;
};

}  // namespace

std::unique_ptr<Store> only_looking(std::unique_ptr<Store> store) {
  return std::make_unique<LookingStore>(std::move(store));
}

}  // namespace postern
