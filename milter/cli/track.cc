// SPDX-License-Identifier: GPL-2.0-or-later
// postern track: what is known of a tracking ID or a Message-ID.
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "bounce/stamp.h"
#include "bounce/track.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "store/store_options.h"

namespace postern {
namespace {

struct Answer {
  nlohmann::ordered_json json;
  std::string words;
};

// When one fact was recorded on the days first..last, if it was.
Result<std::optional<UnixTime>> look_up(Store& store, std::string_view fact, Day first, Day last) {
  std::vector<TrackQuery> queries;
  add_track_queries(store.tables()->keys, fact, first, last, queries);
  const auto found = store.find(queries, {}, Deadline::after(Millis(5000)));
  if (!found.ok()) return found.error();
  for (const auto& time : *found) {
    if (time) return time;
  }
  return std::optional<UnixTime>();
}

std::string date_of(Day day) { return iso_time(static_cast<UnixTime>(day) * 86400).substr(0, 10); }

void describe_stamp(const Stamp& stamp, const KeyTable& keys, std::string_view what, const std::string& from,
                    Millis life, Answer& answer) {
  answer.json["key"] = stamp.key_id;
  answer.json["day"] = date_of(stamp.day);
  answer.words = "made on " + date_of(stamp.day) + " with key " + stamp.key_id;
  const bool known = keys.contains(stamp.key_id);
  answer.json["key-known"] = known;
  if (!known) answer.words += " (unknown here)";
  if (from.empty()) return;
  const std::string check(to_string(check_stamp(keys, what, from, unix_now(), life)));
  answer.json["check"] = check;
  answer.words += "; for <" + printable(from) + ">: " + check;
}

}  // namespace

int run_track(const CommandContext& context, const std::string& what, const std::string& from) {
  StoreOptions options = store_options(context.settings);
  options.node.clear();  // a command is no node
  const auto opened = open_store(options);
  if (!opened.ok()) return complain(opened.error());
  Store& store = **opened;
  if (!store.health().connected) return complain(unavailable(store.health().last_error));
  const auto stamp = parse_stamp(what);
  const Day today = day_of(unix_now());
  Answer answer;
  Result<std::optional<UnixTime>> sent = std::optional<UnixTime>();
  if (stamp.ok()) {
    describe_stamp(*stamp, store.tables()->keys, what, from, options.track_life, answer);
    sent = look_up(store, stamp_fact(what), stamp->day, stamp->day + 1);
  } else if (what.find('@') == std::string::npos) {
    return complain(invalid("\"" + printable(what) + "\" is neither a tracking ID (" + stamp.error().text +
                            ") nor a Message-ID"));
  } else if (from.empty()) {
    return complain(invalid("a Message-ID is remembered together with its sender: add --from ADDRESS"));
  } else {
    sent = look_up(store, message_id_fact(what, from),
                   today - static_cast<Day>(options.track_life.count() / 86'400'000), today);
  }
  if (!sent.ok()) return complain(sent.error());
  answer.json["sent"] = *sent ? nlohmann::ordered_json(iso_time(**sent)) : nlohmann::ordered_json(nullptr);
  if (!answer.words.empty()) answer.words += "; ";
  answer.words += *sent ? "sent through us at " + iso_time(**sent) : "no record of it";
  std::cout << (context.json ? dump_json(answer.json) : answer.words) << "\n";
  return *sent ? 0 : 1;
}

}  // namespace postern
