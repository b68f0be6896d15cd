// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/embedded_store.h"

#include <chrono>
#include <utility>

#include "base/strings.h"
#include "store/node_row.h"
#include "store/refusals.h"

namespace postern {
namespace {

constexpr size_t kMaxQueue = 100'000;
constexpr size_t kBatch = 500;
constexpr std::chrono::milliseconds kGather{5};  // a batch's worth of patience: one append for many records
constexpr std::chrono::seconds kLook{1};
constexpr int64_t kRefusedLife = 8 * 86400;  // seconds after its last refusal that a network is forgotten
constexpr int64_t kStateEvery = 10;  // seconds between two writings of `node` and `refused`

Day oldest_day(UnixTime now, Millis life) { return day_of(now) - static_cast<Day>(life.count() / 86'400'000) - 2; }

}  // namespace

EmbeddedStore::EmbeddedStore(StoreOptions options)
    : options_(std::move(options)),
      table_files_(options_.tables_directory),
      state_files_(options_.state_directory),
      builder_(options_.default_rules),
      track_files_(options_.state_directory.empty() ? "" : options_.state_directory + "/track") {
  if (!options_.state_directory.empty()) make_directory(options_.state_directory, 0700);  // failure shows later
  read_state();
  look_at_files();
  thread_ = std::thread([this] { run(); });
}

EmbeddedStore::~EmbeddedStore() {
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  write_pending();
  write_state();
}

TablesPtr EmbeddedStore::tables() {
  const std::lock_guard lock(tables_mutex_);
  return tables_;
}

// Reads all files if one of them changed since last time.
void EmbeddedStore::look_at_files() {
  const std::lock_guard reading(reading_mutex_);
  const std::string signature = table_files_.signature() + state_files_.signature();
  if (tables_ && signature == signature_) {
    if (!options_.node.empty()) gate_.look(*tables_, unix_now());
    return;
  }
  std::shared_ptr<const PolicyMap> before;
  {
    const std::lock_guard lock(tables_mutex_);
    before = policy_;
  }
  RawTables raw;
  auto policy = std::make_shared<PolicyMap>();
  table_files_.read(before ? *before : PolicyMap{}, raw, *policy);
  const UnixTime now = unix_now();
  state_files_.add_to(raw, now);
  auto pictures = std::make_shared<const PictureList>(raw.pictures, &raw.unread);
  TablesPtr tables = builder_.build(raw, now);
  signature_ = signature;
  const std::lock_guard lock(tables_mutex_);
  if (!options_.node.empty()) gate_.look(*tables, now);
  tables_ = std::move(tables);
  policy_ = std::move(policy);
  pictures_ = std::move(pictures);
}

Status EmbeddedStore::reload() {
  {
    const std::lock_guard reading(reading_mutex_);
    signature_ = "reload";
  }
  look_at_files();
  return Nothing{};
}

Result<std::vector<PolicyChain>> EmbeddedStore::policies(std::span<const std::string> recipients, Deadline) {
  std::shared_ptr<const PolicyMap> policy;
  {
    const std::lock_guard lock(tables_mutex_);
    policy = policy_;
  }
  std::vector<PolicyChain> out(recipients.size());
  for (size_t i = 0; i < recipients.size(); ++i) {
    for (const std::string& key : policy_keys(recipients[i])) {
      const auto row = policy->find(key);
      if (row != policy->end()) out[i].rows.emplace_back(key, row->second);
    }
  }
  return out;
}

void EmbeddedStore::track(TrackRecord record) {
  {
    const std::lock_guard lock(queue_mutex_);
    if (queue_.size() < kMaxQueue) {
      queue_.push_back(std::move(record));
      if (queue_.size() == 1 || queue_.size() == kBatch) wake_.notify_one();
      return;
    }
  }
  dropped_.add(1, "the queue is full", steady_micros());
}

// Writes what is queued; any thread, in the order of the queue.
void EmbeddedStore::write_pending() {
  const std::lock_guard files(track_mutex_);
  std::vector<TrackRecord> records;
  {
    const std::lock_guard lock(queue_mutex_);
    records.swap(queue_);
  }
  if (records.empty()) return;
  dropped_.add(track_files_.append(records), "a day's file holds no more", steady_micros());
  const TablesPtr tables = this->tables();
  for (const TrackRecord& record : records) {
    const std::string& domain = record.sender_domain;
    if (!is_domain_key(domain) || dated_.contains(domain)) continue;
    const auto row = tables->domains.find(domain);
    if (row == tables->domains.end() || !row->second.since) {
      state_files_.add_domain(domain, static_cast<UnixTime>(record.day) * 86400 + record.minute * 60);
    }
    dated_.insert(domain);
  }
  const std::lock_guard lock(queue_mutex_);
  fault_ = track_files_.fault();
}

Result<std::vector<std::optional<UnixTime>>> EmbeddedStore::find(std::span<const TrackQuery> queries,
                                                                 std::span<const std::string>, Deadline) {
  write_pending();
  const std::lock_guard files(track_mutex_);
  return track_files_.find(queries);
}

bool EmbeddedStore::blocks_pictures() const {
  const std::lock_guard lock(tables_mutex_);
  return pictures_->blocks();
}

Result<std::vector<ImageCount>> EmbeddedStore::count_images(std::span<const ImageSighting> images, UnixTime now,
                                                            Deadline) {
  std::shared_ptr<const PictureList> list;
  {
    const std::lock_guard lock(tables_mutex_);
    list = pictures_;
  }
  std::vector<ImageCount> out;
  const std::lock_guard lock(memory_mutex_);
  for (const ImageSighting& image : images) {
    out.push_back(memory_.count(image, now));
    list->judge(image, out.back());
  }
  return out;
}

StoreHealth EmbeddedStore::health() const {
  const std::lock_guard lock(queue_mutex_);
  return {true, "embedded", fault_, queue_.size(), dropped_.count()};
}

bool EmbeddedStore::flush(Deadline) {
  write_pending();
  return true;
}

Result<std::vector<RefusedSource>> EmbeddedStore::refused(size_t limit, Deadline) { return refusals_.top(limit); }

NodeInfo EmbeddedStore::self() const {
  TablesPtr tables;
  {
    const std::lock_guard lock(tables_mutex_);
    tables = tables_;
  }
  NodeInfo node = node_info(options_, *tables, health(), unix_now());
  const std::lock_guard lock(queue_mutex_);
  node.more.assign(described_.begin(), described_.end());
  node.more.emplace_back("networks", gate_words(tables->networks, node.seen_at));
  return node;
}

Result<std::vector<NodeInfo>> EmbeddedStore::nodes(Deadline) { return std::vector<NodeInfo>{self()}; }

void EmbeddedStore::describe(std::string_view field, std::string_view value) {
  const std::lock_guard lock(queue_mutex_);
  described_[std::string(field)] = value;
}

// A daemon goes on counting where the one before it ended.
void EmbeddedStore::read_state() {
  if (options_.node.empty() || options_.state_directory.empty()) return;
  const auto refused = read_file(state_files_.path("refused"));
  if (refused.ok()) {
    for (const std::string_view line : split(*refused, '\n')) {
      if (const auto source = parse_refusal(line)) refusals_.add(*source);
    }
  }
  const auto outcomes = read_file(state_files_.path("bounces"));
  if (!outcomes.ok()) return;
  for (const auto& [what, count] : parse_bounce_lines(*outcomes)) bounces_.count(what.first, what.second, count);
}

// Shows this daemon to `postern status` and `postern networks refused`.
void EmbeddedStore::write_state() {
  if (options_.node.empty() || options_.state_directory.empty()) return;
  std::string text;
  for (const auto& [field, value] : node_fields(self())) text += field + ' ' + value + '\n';
  refusals_.expire(unix_now() - kRefusedLife);
  std::string refusals;
  for (const RefusedSource& each : refusals_.top(1000)) {
    refusals += refusal_line(each);
  }
  const auto keep = [this](std::string_view name, const std::string& content) {
    return replace_file(state_files_.path(name), content, 0644).ok();
  };
  // A directory that cannot be written was complained about when the keys were made.
  if (keep("node", "name " + options_.node + '\n' + text)) {
    if (keep("refused", refusals)) keep("bounces", bounce_lines(bounces_.counts()));
  }
}

void EmbeddedStore::run() {
  UnixTime state_written = 0;
  Day expired = 0;
  auto next_look = std::chrono::steady_clock::now() + kLook;
  for (;;) {
    {
      std::unique_lock lock(queue_mutex_);
      wake_.wait_until(lock, next_look, [this] { return stopping_ || !queue_.empty(); });
      if (!queue_.empty()) wake_.wait_for(lock, kGather, [this] { return stopping_ || queue_.size() >= kBatch; });
      if (stopping_) return;
    }
    write_pending();
    if (std::chrono::steady_clock::now() < next_look) continue;
    next_look = std::chrono::steady_clock::now() + kLook;
    look_at_files();
    const UnixTime now = unix_now();
    if (now - state_written >= kStateEvery) {
      write_state();
      state_written = now;
    }
    if (day_of(now) != expired) {
      const std::lock_guard files(track_mutex_);
      expired = day_of(now);
      track_files_.expire(oldest_day(now, options_.track_life));
    }
  }
}

}  // namespace postern
