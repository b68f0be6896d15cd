// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_store.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "store/last_good.h"
#include "store/node_row.h"
#include "store/redis_reports.h"
#include "store/redis_snapshot.h"
#include "store/state_files.h"

namespace postern {
namespace {

constexpr size_t kMaxDays = 400;

std::string words_of(const Tables& tables) {
  return "generation=" + std::to_string(tables.generation) + ", digest=" + tables.digest;
}

}  // namespace

RedisStore::RedisStore(StoreOptions options, const RedisUrl& url)
    : options_(std::move(options)),
      url_(url),
      pictures_(std::make_shared<const PictureList>()),
      server_(url.sentinel() ? "sentinel/" + url.master : to_string(url.addresses.front())),
      builder_(options_.default_rules),
      pool_(url, options_.connect_timeout, options_.command_timeout, stop_,
            [this](bool elsewhere) { elsewhere ? watch_.reconnect() : watch_.poke(); }),
      policies_(pool_),
      counter_(pool_),
      writer_(pool_, options_, stop_, [this] { return tables(); }),
      watch_(url, options_.connect_timeout, options_.command_timeout, stop_, *this) {
  tables_ = builder_.build(RawTables(), 0);
}

RedisStore::~RedisStore() {
  // Records that are still queued get one short chance.
  if (pool_.usable()) writer_.flush(Deadline::after(std::min(options_.command_timeout, Millis(300))));
  stop_.stop();
  writer_.join();  // before anything that it uses goes
}

std::string RedisStore::path_of_copy() const {
  return options_.state_directory.empty() ? "" : options_.state_directory + "/tables";
}

void RedisStore::start() {
  const auto copy = path_of_copy().empty() ? Result<LastGood>(not_found("state-directory is not set"))
                                           : read_last_good(path_of_copy());
  watch_.start();
  writer_.start();
  if (watch_.wait_first(Deadline::after(options_.connect_timeout + 3 * options_.command_timeout))) return;
  const std::string away = "redis is away: " + pool_.last_error() + "; ";
  if (!copy.ok()) {
    log(LogLevel::kWarning, away + "there is no copy of its tables (" + copy.error().text + "), so defaults apply");
    return;
  }
  TableBuilder builder(options_.default_rules);
  TablesPtr tables = builder.build(copy->raw, copy->read_at, copy->digest);
  const std::lock_guard lock(mutex_);
  if (tables_->read_at != 0) return;  // it came after all
  tables_ = std::move(tables);
  pictures_ = std::make_shared<const PictureList>(copy->raw.pictures, nullptr);
  log(LogLevel::kWarning, away + "the copy of its tables applies, " + words_of(*tables_) + ", read " +
                              iso_time(copy->read_at) + ", " + std::to_string(unix_now() - copy->read_at) + " s ago");
}

TablesPtr RedisStore::tables() {
  const std::lock_guard lock(mutex_);
  return tables_;
}

// A process that was stopped (SIGSTOP, a sleeping host) has notices waiting that it has not read, hence the clock.
bool RedisStore::trusted(int64_t now) const {
  const Millis bound = RedisWatch::kPingEvery + options_.command_timeout;
  return current_ && now - confirmed_ <= bound.count() * 1000;
}

std::optional<uint64_t> RedisStore::stale_seconds() const {
  const int64_t now = steady_micros();
  if (trusted(now)) return std::nullopt;
  const int64_t confirmed = confirmed_;
  if (confirmed != 0) return static_cast<uint64_t>(std::max<int64_t>(0, now - confirmed)) / 1'000'000;
  const std::lock_guard lock(mutex_);
  const UnixTime since = tables_->read_at != 0 ? tables_->read_at : started_;
  return static_cast<uint64_t>(std::max<int64_t>(0, unix_now() - since));
}

Result<std::vector<PolicyChain>> RedisStore::policies(std::span<const std::string> recipients, Deadline deadline) {
  return policies_.look_up(recipients, [this] { return trusted(steady_micros()); }, deadline);
}

Result<std::vector<std::optional<UnixTime>>> RedisStore::find(std::span<const TrackQuery> queries,
                                                              std::span<const std::string> recipients,
                                                              Deadline deadline) {
  std::vector<RedisCommand> commands;
  std::vector<std::pair<size_t, Day>> places;
  for (size_t i = 0; i < queries.size(); ++i) {
    const TrackQuery& query = queries[i];
    const Day first = std::max(query.first, query.last - static_cast<Day>(kMaxDays));
    for (Day day = query.last; day >= first; --day) {
      commands.push_back({"HGET", track_key(day, query.fact), std::string(query.fact.data(), query.fact.size())});
      places.emplace_back(i, day);
    }
  }
  std::vector<std::optional<UnixTime>> out(queries.size());
  if (commands.empty()) return out;
  const auto ahead = policies_.read_ahead(recipients, trusted(steady_micros()), commands);
  const auto reading = pool_.read(commands, deadline);  // as for policies, since some come along
  if (!reading.ok()) return reading.error();
  policies_.take_ahead(ahead, std::span(reading->rows).subspan(places.size()));
  for (size_t i = 0; i < places.size(); ++i) {
    const redisReply& reply = *reading->rows[i];
    if (reply.type == REDIS_REPLY_ERROR) return error_of(reply, commands[i]);
    const auto minute = to_uint(text_of(reply), 1439);
    auto& found = out[places[i].first];
    if (minute && !found)
      found = static_cast<UnixTime>(places[i].second) * 86400 + static_cast<UnixTime>(*minute) * 60;
  }
  return out;
}

bool RedisStore::blocks_pictures() const {
  const std::lock_guard lock(mutex_);
  return pictures_->blocks();
}

Result<std::vector<ImageCount>> RedisStore::count_images(std::span<const ImageSighting> images, UnixTime now,
                                                         Deadline deadline) {
  auto counts = counter_.count(images, now, deadline);
  if (!counts.ok()) return counts;
  std::shared_ptr<const PictureList> list;
  {
    const std::lock_guard lock(mutex_);
    list = pictures_;
  }
  for (size_t i = 0; i < images.size(); ++i) list->judge(images[i], counts.value()[i]);
  return counts;
}

StoreHealth RedisStore::health() const {
  StoreHealth out;
  out.connected = current_;
  out.last_error = pool_.last_error();
  out.queued_records = writer_.queued();
  out.dropped_records = writer_.dropped();
  const std::lock_guard lock(mutex_);
  out.description = "redis " + server_;
  return out;
}

Status RedisStore::reload() {
  return watch_.reread(Deadline::after(options_.connect_timeout + options_.command_timeout));
}

void RedisStore::describe(std::string_view field, std::string_view value) {
  const std::lock_guard lock(mutex_);
  std::string& known = described_[std::string(field)];
  if (known == value) return;
  known = value;
  describe_again_ = true;
}

Result<std::vector<RefusedSource>> RedisStore::refused(size_t limit, Deadline deadline) {
  return read_refused([&](std::span<const RedisCommand> commands) { return pool_.run(commands, deadline); }, limit);
}

Result<std::vector<NodeInfo>> RedisStore::nodes(Deadline deadline) {
  return read_nodes([&](std::span<const RedisCommand> commands) { return pool_.run(commands, deadline); });
}

}  // namespace postern
