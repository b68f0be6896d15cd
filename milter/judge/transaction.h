// SPDX-License-Identifier: GPL-2.0-or-later
// One message, MAIL to end of message, as a state machine that is fed by whoever has the message: the milter
// callbacks, or `postern scan`.  Feed in this order: constructor (MAIL), recipient(), header(), end_of_headers(),
// body(), end_of_message().  The result is a list of edits; nobody in here carries them out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "bounce/tag.h"
#include "judge/meter.h"
#include "judge/session.h"
#include "policy/decide.h"
#include "policy/facts.h"

namespace postern {

struct HeaderEdit {
  enum class Kind { kDelete, kChange, kInsert } kind = Kind::kInsert;
  std::string name;
  std::string value;     // without leading space, folded with "\n\t"; unused for kDelete
  unsigned index = 0;    // kDelete, kChange: 1-based among fields of this name; kInsert: position, 0 is the top
};

struct Outcome {
  Judgement judgement;
  std::optional<std::string> sender;  // the envelope sender to put in place of the present one
  ActionPlan plan;                  // in monitor mode: all delivered, nothing edited
  std::vector<HeaderEdit> edits;    // deletions of one name come highest index first
  LogLine log_line;
};

class Transaction {
 public:
  // `sender` and recipients as the MTA gives them, with or without <>; `authenticated` is {auth_authen}, or empty.
  // A sender or recipient with an envelope tag of ours counts as the address without it.
  Transaction(Session& session, std::string_view sender, std::string_view authenticated);

  void recipient(std::string_view address);
  void header(std::string_view name, std::string_view value);  // value as the MTA gives it, LF-folded
  // Whether somebody needs the body; if not, body() need not be called.
  bool end_of_headers();
  // Takes a piece of the body; false: no more is needed.
  bool body(std::string_view bytes);
  // Judges.  Called once.  `queue_id` may be empty.
  Outcome end_of_message(std::string_view queue_id);

  bool outbound() const { return outbound_; }
  const Facts& facts() const { return facts_; }

 private:
  enum class Need {
    kAll,     // the whole body is for the inspector
    kFilter,  // the whole body, but the inspector is asked only if it may hold more than text
    kPeek,    // the first piece, which decides between kAll and kNothing
    kNothing
  };

  Need inbound_need();
  void log_and_count(Outcome& outcome, std::string_view queue_id);
  void lap(Stage stage);
  void judge_outbound(Outcome& outcome);
  void tag_sender(Outcome& outcome, UnixTime now);
  void judge_inbound(Outcome& outcome);
  void inspect_body(Deadline deadline);
  std::vector<bool> choose_pictures(const BodyFacts& body);
  void count_pictures(ImageSighting::Purpose purpose, UnixTime now, Deadline deadline);
  void count_bounce(const Judgement& judgement);
  void decide_actions(Outcome& outcome, Deadline deadline);
  std::vector<PolicyChain> policies_of(const std::vector<std::string>& mailboxes, Deadline deadline);
  bool archives() const;
  void archive_outbound(Outcome& outcome);
  std::string archive(ActionPlan& plan, const std::vector<std::string>& mailboxes,
                      const std::vector<PolicyChain>& chains) const;

  Session& session_;
  std::string authenticated_;
  std::string sender_;  // as given, without <> and tag
  TagCheck sender_tag_ = TagCheck::kNone;
  bool outbound_ = false;
  std::vector<std::string> given_;       // recipients as given, without <>
  std::vector<std::string> recipients_;  // the same without tags
  std::string tagged_;                   // the first whose tag is evidence
  Facts facts_;
  std::string governing_header_;          // what the inspector needs
  std::string body_;
  bool truncated_ = false;
  bool own_header_unseen_ = false;  // one of our fields stands beyond what is remembered
  std::optional<std::string> raw_subject_;
  Need need_ = Need::kAll;
  std::optional<RuleResult> early_;  // the rules' answer by the headers alone, while the body is not known
  int64_t started_ = 0;                   // steady microseconds
  std::optional<uint64_t> stale_seconds_;  // as MessageLog says
  int64_t lap_ = 0;                        // steady microseconds when the last stage ended
  decltype(MessageMeasure::micros) micros_{};
};

}  // namespace postern
