// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounce/verify.h"

#include <algorithm>

#include "base/strings.h"
#include "bounce/fields.h"
#include "bounce/stamp.h"
#include "bounce/track.h"
#include "mail/address.h"
#include "mail/header.h"

namespace postern {
namespace {

// One report may not make the store work without bound.
constexpr size_t kMaxSenders = 4;
constexpr size_t kMaxMessageIds = 12;
constexpr size_t kMaxFailed = 10;

// Something to look up: the evidence that it would be, and what it is about.
struct Candidate {
  Evidence evidence = Evidence::kNone;
  std::string fact;
  std::string words;
};

void add_once(std::vector<std::string>& to, std::string value, size_t max) {
  if (!value.empty() && to.size() < max && std::find(to.begin(), to.end(), value) == to.end()) {
    to.push_back(std::move(value));
  }
}

BounceState strictest_state(std::span<const std::string> recipients, const Tables& tables, UnixTime now,
                            Millis grace) {
  BounceState state = BounceState::kOff;
  for (const std::string& recipient : recipients) {
    state = std::max(state, bounce_state(tables.domains, domain_of(clean_address(recipient)), now, grace));
  }
  return recipients.empty() ? BounceState::kMonitor : state;
}

// The Message-IDs that the report gives for the original: quoted ones, then those it answers.
std::vector<std::string> message_ids(const Facts& facts) {
  std::vector<std::string> out;
  for (const std::string& id : facts.body.report.message_ids) add_once(out, clean_message_id(id), kMaxMessageIds);
  for (const HeaderField& field : facts.headers) {
    if (!equal_nocase(field.name, "In-Reply-To") && !equal_nocase(field.name, "References") &&
        !equal_nocase(field.name, "Original-Message-ID") && !equal_nocase(field.name, "X-Original-Message-ID")) {
      continue;
    }
    for (std::string& id : find_message_ids(field.value)) add_once(out, std::move(id), kMaxMessageIds);
  }
  return out;
}

// Whom the report is about, but for the reader of the report: who writes to himself proves nothing by it.
std::vector<std::string> failed_recipients(const Facts& facts, std::span<const std::string> senders) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view address) {
    std::string key = address_key(address);
    if (std::find(senders.begin(), senders.end(), key) == senders.end()) add_once(out, std::move(key), kMaxFailed);
  };
  for (const HeaderField& field : facts.headers) {
    if (!equal_nocase(field.name, "X-Failed-Recipients")) continue;
    for (const std::string& address : find_addresses(decode_words(field.value))) add(address);
  }
  for (const std::string& address : facts.body.report.failed_recipients) add(address);
  return out;
}

std::vector<Candidate> candidates(const Facts& facts, std::span<const std::string> senders) {
  std::vector<Candidate> out;
  const auto ids = message_ids(facts);
  const auto failed =
      facts.body.report.quotes_headers_fully ? std::vector<std::string>() : failed_recipients(facts, senders);
  for (const std::string& sender : senders) {
    for (const std::string& id : ids) {
      out.push_back(
          {Evidence::kMessageId, message_id_fact(id, sender), "Message-ID is one that " + sender + " sent"});
    }
    for (const std::string& address : failed) {
      out.push_back({Evidence::kRecipient, recipient_fact(address, sender), sender + " wrote to " + address});
    }
  }
  return out;
}

// The first valid stamp decides; else `words` says what was wrong with the last one.
bool has_valid_stamp(const Facts& facts, std::span<const std::string> senders, const Tables& tables, UnixTime now,
                     Millis life, std::string& words) {
  for (const std::string& stamp : facts.body.report.stamps) {
    for (const std::string& sender : senders) {
      const StampCheck check = check_stamp(tables.keys, stamp, sender, now, life);
      words = to_string(check);
      if (check != StampCheck::kValid) continue;
      words = "quotes a stamp made for " + sender;
      return true;
    }
  }
  return false;
}

// One round trip for all; takes the strongest evidence that is found.
void look_up(const std::vector<Candidate>& wanted, const ReportRecipients& to, const Tables& tables, Store& store,
             Day first, Day last, Deadline deadline, BounceJudgement& judgement) {
  std::vector<TrackQuery> queries;
  std::vector<size_t> owner;  // of each query: its candidate
  for (size_t i = 0; i < wanted.size(); ++i) {
    add_track_queries(tables.keys, wanted[i].fact, first, last, queries);
    owner.resize(queries.size(), i);
  }
  if (queries.empty()) return;
  const auto found = store.find(queries, to.addresses, deadline);
  if (!found) {
    judgement.unavailable = true;
    judgement.reason = "tracking records: " + found.error().text;
    return;
  }
  for (size_t i = 0; i < found->size() && i < owner.size(); ++i) {
    const Candidate& candidate = wanted[owner[i]];
    if (!(*found)[i] || candidate.evidence <= judgement.evidence) continue;
    judgement.evidence = candidate.evidence;
    judgement.reason = candidate.words;
  }
}

std::string unproved_reason(const Facts& facts, const std::string& stamp_words, bool looked_up) {
  if (!stamp_words.empty()) return "report quotes a message with a " + stamp_words;
  if (facts.body.report.quotes_headers_fully) return "report quotes a message that carries no stamp of ours";
  if (facts.body.report.quotes_original) return "report quotes a message that is not known here";
  return looked_up ? "report names nobody who was written to" : "report with nothing that could be verified";
}

}  // namespace

BounceJudgement verify_bounce(const Facts& facts, BounceKind kind, const ReportRecipients& to, const Tables& tables,
                              Store& store, const VerifyOptions& options, UnixTime now, Deadline deadline) {
  const ReportFacts& report = facts.body.report;
  BounceJudgement judgement;
  judgement.kind = kind;
  judgement.quotes_original = report.quotes_original;
  judgement.quotes_headers_fully = report.quotes_headers_fully;
  judgement.state = strictest_state(to.addresses, tables, now, options.grace);
  if (!is_judged(kind) || judgement.state == BounceState::kOff) return judgement;

  if (!to.tagged.empty()) {
    judgement.evidence = Evidence::kTag;
    judgement.reason = "sent to a tagged address of " + std::string(to.tagged);
    return judgement;
  }
  std::vector<std::string> senders;
  for (const std::string& recipient : to.addresses) add_once(senders, address_key(recipient), kMaxSenders);
  std::string stamp_words;
  if (has_valid_stamp(facts, senders, tables, now, options.track_life, stamp_words)) {
    judgement.evidence = Evidence::kStamp;
    judgement.reason = stamp_words;
    return judgement;
  }
  const Day life = static_cast<Day>(options.track_life.count() / 86'400'000);
  const auto wanted = candidates(facts, senders);
  look_up(wanted, to, tables, store, day_of(now) - life, day_of(now), deadline, judgement);
  judgement.lifted = judgement.evidence == Evidence::kRecipient && !options.believe_recipient;
  if (judgement.evidence != Evidence::kNone) return judgement;
  if (!facts.body.inspected && !judgement.unavailable) {
    judgement.unavailable = true;
    judgement.reason = "the report could not be read";
  }
  if (!judgement.unavailable) {
    judgement.reason = unproved_reason(facts, stamp_words, !wanted.empty());
  } else if (judgement.state == BounceState::kEnforce && !report.quotes_headers_fully) {
    judgement.state = BounceState::kMonitor;  // nobody is to lose a true report because a server is away
  }
  return judgement;
}

}  // namespace postern
