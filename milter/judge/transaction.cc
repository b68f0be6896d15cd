// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/transaction.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "bounce/stamp.h"
#include "bounce/verify.h"
#include "judge/body_filter.h"
#include "judge/edits.h"
#include "judge/message_facts.h"
#include "judge/message_log.h"
#include "mail/address.h"
#include "mail/header.h"
#include "policy/address_template.h"

namespace postern {
namespace {

// Header fields that the inspector needs: they govern the body's structure or point at an original.
bool is_governing(std::string_view name) {
  return starts_nocase(name, "Content-") || equal_nocase(name, "MIME-Version") || equal_nocase(name, "Subject") ||
         equal_nocase(name, "In-Reply-To") || equal_nocase(name, "References") ||
         equal_nocase(name, "X-Failed-Recipients") || equal_nocase(name, "Auto-Submitted");
}

constexpr size_t kMaxHeaders = 2000;
constexpr size_t kMaxOwnHeaders = 2000;  // more of our own, which are to be removed wherever they stand
constexpr size_t kMaxGoverning = 256 << 10;

}  // namespace

Transaction::Transaction(Session& session, std::string_view sender, std::string_view authenticated)
    : session_(session),
      authenticated_(authenticated),
      sender_(without_brackets(sender)),
      started_(steady_micros()),
      stale_seconds_(session.stale_seconds()) {
  constexpr size_t kUsualHeaders = 32;
  facts_.headers.reserve(kUsualHeaders);
  facts_.message.sender = lower(sender_);
  facts_.message.null_sender = sender_.empty();
  TagAnswer tag = check_tag(session.tables()->keys, sender_, session.judge().now());
  sender_tag_ = tag.check;
  if (!tag.address.empty()) sender_ = std::move(tag.address);
  outbound_ = !authenticated_.empty() || session_.client().local_submission || session_.network().outbound;
}

void Transaction::recipient(std::string_view address) {
  given_.emplace_back(without_brackets(address));  // no more is changed: the MTA must recognise it
  TagAnswer tag = check_tag(session_.tables()->keys, given_.back(), session_.judge().now());
  recipients_.push_back(tag.address.empty() ? given_.back() : std::move(tag.address));
  if (tag.check == TagCheck::kValid && tagged_.empty()) tagged_ = recipients_.back();
  facts_.message.recipients = recipients_.size();
}

void Transaction::header(std::string_view name, std::string_view value) {
  facts_.message.bytes += name.size() + value.size() + 3;
  const bool own = is_own_field(name);
  if (facts_.headers.size() >= (own ? kMaxHeaders + kMaxOwnHeaders : kMaxHeaders)) {
    own_header_unseen_ |= own;
    return;
  }
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (equal_nocase(name, "Subject") && !raw_subject_) raw_subject_ = std::string(value);
  facts_.headers.push_back({std::string(name), unfold(value)});
  if (is_governing(name) && governing_header_.size() < kMaxGoverning) {
    governing_header_.append(name).append(": ").append(facts_.headers.back().value).append("\r\n");
  }
}

bool Transaction::end_of_headers() {
  read_headers(facts_.headers, facts_.message);
  if (outbound_) {
    need_ = may_hold_pictures(facts_.message) ? Need::kAll : Need::kNothing;
  } else {
    need_ = inbound_need();
  }
  return need_ != Need::kNothing;
}

// The dearest question comes last.
Transaction::Need Transaction::inbound_need() {
  const BodyShape shape = body_shape(facts_.headers, facts_.message.content_type);
  if (shape == BodyShape::kOther || maybe_automatic(facts_.headers, facts_.message)) return Need::kAll;
  HeadAnswer answer = session_.tables()->rules.evaluate_head(facts_);
  if (answer.needs_body) return Need::kAll;
  early_ = std::move(answer.result);
  return shape == BodyShape::kText ? Need::kPeek : Need::kFilter;
}

bool Transaction::body(std::string_view bytes) {
  if (need_ == Need::kNothing) return false;
  facts_.message.bytes += bytes.size();
  if (need_ == Need::kPeek) {
    if (!may_hold_file(bytes)) {
      need_ = Need::kNothing;
      return false;
    }
    need_ = Need::kAll;
  }
  const size_t room = session_.settings().body_limit - std::min<size_t>(session_.settings().body_limit, body_.size());
  if (bytes.size() > room) {
    truncated_ = true;
    bytes = bytes.substr(0, room);
  }
  body_ += bytes;
  return !truncated_;
}

// The time since the last lap went into this stage.
void Transaction::lap(Stage stage) {
  const int64_t now = steady_micros();
  micros_.at(static_cast<size_t>(stage)) = now - lap_;
  lap_ = now;
}

void Transaction::log_and_count(Outcome& outcome, std::string_view queue_id) {
  MessageLog line;
  line.id = queue_id.empty() ? std::string_view(session_.id()) : queue_id;
  line.session = &session_;
  line.facts = &facts_;
  line.judgement = &outcome.judgement;
  line.plan = &outcome.plan;
  line.first_recipient = recipients_.empty() ? std::string_view() : std::string_view(recipients_.front());
  line.outbound = outbound_;
  line.monitor = session_.settings().mode == Mode::kMonitor && outcome.judgement.verdict != Verdict::kClean;
  line.seconds = static_cast<double>(steady_micros() - started_) / 1e6;
  line.stale_seconds = stale_seconds_;
  outcome.log_line = message_line(line);
  if (session_.judge().meter == nullptr) return;
  session_.judge().meter->judged({&outcome.judgement, &outcome.plan, outbound_, line.monitor, micros_});
}

Outcome Transaction::end_of_message(std::string_view queue_id) {
  Outcome outcome;
  const int64_t began = lap_ = steady_micros();
  if (outbound_) {
    judge_outbound(outcome);
    archive_outbound(outcome);
  } else {
    judge_inbound(outcome);
  }
  micros_.at(static_cast<size_t>(Stage::kAll)) = steady_micros() - began;
  log_and_count(outcome, queue_id);
  if (session_.settings().mode == Mode::kMonitor) {
    outcome.edits.clear();
    outcome.sender.reset();
    outcome.plan.final = ActionPlan::Final::kAccept;
    outcome.plan.remove.clear();
    outcome.plan.add.clear();
    outcome.plan.archive.clear();
    outcome.plan.subject_tag.clear();
  }
  restore_recipients(given_, recipients_, outcome.plan);  // even in monitor mode: no mailbox has the tagged address
  return outcome;
}

void Transaction::judge_outbound(Outcome& outcome) {
  const Tables& tables = *session_.tables();
  const UnixTime now = session_.judge().now();
  std::string stamp = kept_stamp(facts_.headers, tables.keys, sender_, now, session_.settings().track_life);
  outcome.edits = remove_own_headers(facts_.headers, stamp);
  if (stamp.empty()) {
    auto made = make_stamp(tables.keys, sender_, now);
    if (!made) {
      log(LogLevel::kWarning, session_.id() + ": not stamped: " + made.error().text);
      outcome.judgement.reason = "not stamped: " + made.error().text;
      return;
    }
    stamp = std::move(made).value();
    outcome.edits.push_back({HeaderEdit::Kind::kInsert, std::string(kStampHeader), stamp, 1});
    outcome.judgement.reason = "stamped";
  } else {
    outcome.judgement.reason = "stamped before";
  }
  tag_sender(outcome, now);
  session_.judge().store->track(
      make_track_record(tables.keys, stamp, sender_, facts_.message.message_id, recipients_, now));
  const Deadline deadline = Deadline::after(session_.settings().message_timeout);
  inspect_body(deadline);
  count_pictures(ImageSighting::Purpose::kSent, now, deadline);
}

// Where the sender's domain asks for it.  A tag that counts stays, and so does one that is not ours to judge.
void Transaction::tag_sender(Outcome& outcome, UnixTime now) {
  const Tables& tables = *session_.tables();
  if (sender_.empty() || !tags_senders(tables.domains, domain_of(clean_address(sender_)))) return;
  std::string& reason = outcome.judgement.reason;
  if (sender_tag_ == TagCheck::kValid) {
    reason += ", tagged before";
  } else if (sender_tag_ == TagCheck::kWrong) {
    reason += ", not tagged: the sender has a tag that was not made here";
  } else if (!session_.may_change_sender()) {
    reason += ", not tagged: the MTA's connection is older than tag=on";
  } else if (auto tagged = make_tag(tables.keys, sender_, now, session_.settings().track_life)) {
    outcome.sender = std::move(tagged).value();
    reason += ", tagged";
  } else {
    reason += ", not tagged: " + tagged.error().text;
  }
}

void Transaction::judge_inbound(Outcome& outcome) {
  const Settings& settings = session_.settings();
  const Tables& tables = *session_.tables();
  Store& store = *session_.judge().store;
  const Deadline deadline = Deadline::after(settings.message_timeout);
  const UnixTime now = session_.judge().now();

  inspect_body(deadline);
  count_pictures(ImageSighting::Purpose::kCount, now, deadline);
  lap_ = steady_micros();
  RuleResult rules = early_ ? std::move(*early_) : tables.rules.evaluate(facts_);
  lap(Stage::kRules);
  const BounceKind kind = bounce_kind(facts_, rules.bounce_kind);
  const VerifyOptions options{settings.track_life, settings.bounce_grace,
                              settings.recipient_evidence == RecipientEvidence::kBelieve};
  BounceJudgement bounce = verify_bounce(facts_, kind, {recipients_, tagged_}, tables, store, options, now, deadline);
  if (is_judged(kind)) lap(Stage::kBounce);
  outcome.judgement = judge(std::move(rules), std::move(bounce), {settings.spam_score, settings.surespam_score});
  count_bounce(outcome.judgement);
  if (outcome.judgement.verdict == Verdict::kClean) count_pictures(ImageSighting::Purpose::kHarmless, now, deadline);
  decide_actions(outcome, deadline);
  outcome.edits = remove_own_headers(facts_.headers, "");
  add_verdict_edits(outcome.judgement, outcome.plan, raw_subject_, outcome.edits);
  if (own_header_unseen_) {
    outcome.plan.final = ActionPlan::Final::kReject;
    outcome.plan.reason = "too many header fields";
    outcome.plan.archive.clear();
  }
}

// For `postern domains list`: what became of the bounces to each domain.
void Transaction::count_bounce(const Judgement& judgement) {
  if (!is_judged(judgement.bounce.kind) || judgement.bounce.state == BounceState::kOff || recipients_.empty()) return;
  const std::string domain = lower(domain_of(recipients_.front()));
  Store& store = *session_.judge().store;
  if (judgement.bounce.evidence != Evidence::kNone && !judgement.bounce.lifted) {
    store.count_bounce(domain, "verified");
  } else if (judgement.verdict == Verdict::kForgedBounce) {
    store.count_bounce(domain, "forged");
  } else if (judgement.verdict == Verdict::kUnverifiedBounce) {
    store.count_bounce(domain, "unverified");
  } else if (judgement.would_be != Verdict::kClean) {
    store.count_bounce(domain, "held-back");
  }
}

}  // namespace postern
