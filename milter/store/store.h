// SPDX-License-Identifier: GPL-2.0-or-later
// The shared state behind a daemon: tables, recipient policies, tracking records, image counts.  Two kinds: Redis
// (shared by a cluster) and embedded (files and bounded memory of one host).  Every call is safe from any thread.
// Calls that may wait take a Deadline and fail with kUnavailable or kTimeout; none of them throws.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "policy/recipient_policy.h"
#include "policy/tables.h"

namespace postern {

// A keyed hash that stands for one fact about a sent message (its stamp, its Message-ID with its sender, or its
// sender with one recipient).  Made by bounce/track; the store never learns what is behind it.
using TrackHash = std::array<char, 6>;

struct TrackRecord {
  Day day = 0;                  // when it was sent
  uint16_t minute = 0;          // of that day, UTC
  std::vector<TrackHash> facts;
  std::string sender_domain;    // lower case; its first record sets `since`
};

// One fact to look for on the days first..last.
struct TrackQuery {
  TrackHash fact{};
  Day first = 0;
  Day last = 0;
};

// How often a picture was seen lately (24 h), this time included.
struct ImageCount {
  uint64_t messages = 0;
  uint64_t clients = 0;
  uint64_t recipients = 0;
  bool allowed = false;   // on the learned or hand-made allow-list
  bool blocked = false;
};
struct ImageSighting {
  enum class Purpose {
    kCount,     // received: counts
    kSent,      // in mail that we send: counts, and teaches the allow-list
    kHarmless,  // in a received message that was found clean: does not count (it did before), but pictures that come
                // from many senders over many days get on the allow-list
  };
  std::string fingerprint;         // hex
  std::vector<std::string> moved;  // the like, to be looked up as well but never stored
  IpAddress client;
  std::string sender;
  uint64_t recipients = 0;
  Purpose purpose = Purpose::kCount;
  bool counted = true;      // false: only asks, and shared counts and lists stay as they are
};

// What can become of a bounce that is judged.  held-back: it would be forged or unverified, but its domain is
// watched.
inline constexpr std::array<std::string_view, 4> kBounceOutcomes{"verified", "forged", "unverified", "held-back"};

struct StoreHealth {
  bool connected = true;          // always true for the embedded store
  std::string description;        // "embedded", "redis 127.0.0.1:6379 (master)"
  std::string last_error;
  uint64_t queued_records = 0;    // tracking records not yet written
  uint64_t dropped_records = 0;   // since start
};

// A network from which the gate refused clients lately, for the administrator's wizard: a /24 or a /48
// (refusal_source() in policy/networks.h), so that a provider's new range is one line.
struct RefusedSource {
  Prefix source;
  uint64_t count = 0;
  UnixTime first = 0, last = 0;
};

// What one node says about itself (postern:node:<name>).
struct NodeInfo {
  std::string name;
  std::string version;
  std::string digest;         // of the tables that it applies
  uint64_t generation = 0;
  UnixTime read_at = 0;       // when it read them
  UnixTime seen_at = 0;       // when it last said so
  uint64_t bad_rows = 0;
  uint64_t queued_records = 0;
  uint64_t dropped_records = 0;
  std::string last_error;
  std::vector<std::pair<std::string, std::string>> more;  // describe()d: "gate" -> "enforce"
};

class Store {
 public:
  virtual ~Store() = default;

  // The newest complete state of the tables.  Never null, never waits.
  virtual TablesPtr tables() = 0;
  // Nothing while this node knows that it applies what the shared store holds, or held a moment ago (the bound is in
  // postern-redis(5)); else the seconds for which it has not known.  Ask before tables(): then what tables() gives is
  // no older than this says.  An embedded store is never stale.
  virtual std::optional<uint64_t> stale_seconds() const { return std::nullopt; }
  // The policy rows for each recipient, in the order given: cached, else one round trip for all.  While the shared
  // store cannot be asked: what was known last, said in each chain; fails if nothing was.
  virtual Result<std::vector<PolicyChain>> policies(std::span<const std::string> recipients, Deadline deadline) = 0;
  // Queues a record for the background writer.  Never waits; drops (and counts) when the queue is full.
  virtual void track(TrackRecord record) = 0;
  // When each fact was recorded, if it was: one round trip for all.  Brings along what policies() would have to ask
  // for `recipients`, so that it need not ask after it.
  virtual Result<std::vector<std::optional<UnixTime>>> find(std::span<const TrackQuery> queries,
                                                            std::span<const std::string> recipients,
                                                            Deadline deadline) = 0;
  // Counts pictures and tells how often their like was seen: one round trip for all.
  virtual Result<std::vector<ImageCount>> count_images(std::span<const ImageSighting> images, UnixTime now,
                                                       Deadline deadline) = 0;
  // Whether a picture may be one that the administrator has blocked.  Never waits.
  virtual bool blocks_pictures() const { return true; }
  // Counts a client that the gate refused.  Never waits.
  virtual void count_refusal(const IpAddress& client, UnixTime now) = 0;
  // Counts what became of a bounce to a domain: one of kBounceOutcomes.  Never waits.
  virtual void count_bounce(std::string_view domain, std::string_view outcome) = 0;
  virtual StoreHealth health() const = 0;
  // Reads all tables again (SIGHUP).
  virtual Status reload() = 0;
  // Waits until every queued record is written, or the deadline (used by `postern stamp` and at shutdown).
  virtual bool flush(Deadline deadline) = 0;
  // Networks from which clients were refused in the last days, the busiest first, at most `limit`.
  virtual Result<std::vector<RefusedSource>> refused(size_t limit, Deadline deadline) = 0;
  // Every node that spoke up lately, by name.
  virtual Result<std::vector<NodeInfo>> nodes(Deadline deadline) = 0;
  // Something that this process wants said about itself in `postern status`.  Never waits.
  virtual void describe(std::string_view field, std::string_view value) = 0;
};

// What a store needs to know; filled from the settings by conf/.
struct StoreOptions {
  std::string redis;              // URL; empty: embedded
  std::string tables_directory;
  std::string state_directory;
  std::string node;               // empty: this process is no node (a command) and is not listed
  Millis connect_timeout{1000};
  Millis command_timeout{500};
  Millis track_life{10 * 86'400'000LL};
  bool default_rules = true;
};

// Makes the store that the options ask for, creates the first signing key if there is none, and loads the tables.
// A Redis that is away is not an error: the store starts from the state directory's copy and keeps trying.
Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

}  // namespace postern
