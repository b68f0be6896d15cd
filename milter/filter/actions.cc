// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/actions.h"

#include "base/log.h"

namespace postern {
namespace {

constexpr size_t kMaxReply = 900;       // smfi_setreply(3): a line holds at most 980 bytes, codes included
constexpr size_t kMaxHoldReason = 100;  // Postfix cuts there
constexpr std::string_view kRejectCode = "550";
constexpr std::string_view kRejectStatus = "5.7.1";

// libmilter's functions take char* but do not write through it.
char* mutable_text(const std::string& text) { return const_cast<char*>(text.c_str()); }  // NOLINT

// A field's value as one field: a line end is only left where the next line continues the field (RFC 5322 section
// 2.2.3).  The MTA takes what it gets for the rest of the header, and a broken one may give us anything.
std::string field_value(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' || c == '\0') continue;
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    out += c == '\n' && next != ' ' && next != '\t' ? ' ' : c;
  }
  return out;
}

bool apply(SMFICTX* context, const HeaderEdit& edit, bool lead_space) {
  const std::string value = (lead_space ? " " : "") + field_value(edit.value);
  const int index = static_cast<int>(edit.index);
  switch (edit.kind) {
    case HeaderEdit::Kind::kDelete:
      return smfi_chgheader(context, mutable_text(edit.name), index, nullptr) == MI_SUCCESS;
    case HeaderEdit::Kind::kChange:
      return smfi_chgheader(context, mutable_text(edit.name), index, mutable_text(value)) == MI_SUCCESS;
    case HeaderEdit::Kind::kInsert:
      return smfi_insheader(context, index, mutable_text(edit.name), mutable_text(value)) == MI_SUCCESS;
  }
  return false;
}

bool edit_headers(SMFICTX* context, const Outcome& outcome, bool lead_space) {
  for (const HeaderEdit& edit : outcome.edits) {
    if (!apply(context, edit, lead_space)) return false;
  }
  return true;
}

// The form that both MTAs take, whichever they gave the address in.
std::string path(const std::string& address) {
  return !address.empty() && address.front() == '<' ? address : '<' + address + '>';
}

bool edit_sender(SMFICTX* context, const std::optional<std::string>& sender) {
  return !sender || smfi_chgfrom(context, mutable_text(path(*sender)), nullptr) == MI_SUCCESS;
}

// Removals first: an address that is both taken off and put on must end up on.
bool edit_recipients(SMFICTX* context, const ActionPlan& plan) {
  // RFC 3461 section 4.1: no delivery report, or the sender would learn of the archive when it refuses the copy.
  static const std::string quiet = "NOTIFY=NEVER";
  for (const std::string& recipient : plan.remove) {
    if (smfi_delrcpt(context, mutable_text(path(recipient))) != MI_SUCCESS) return false;
  }
  for (const std::string& recipient : plan.add) {
    if (smfi_addrcpt(context, mutable_text(path(recipient))) != MI_SUCCESS) return false;
  }
  for (const std::string& recipient : plan.archive) {
    if (smfi_addrcpt_par(context, mutable_text(path(recipient)), mutable_text(quiet)) != MI_SUCCESS) return false;
  }
  return true;
}

std::string one_line(std::string_view text, size_t max_bytes) {
  std::string out;
  for (const char c : text) {
    if (out.size() + 1 > max_bytes) break;
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte > 0x7e ? '?' : c;
  }
  return out;
}

bool hold(SMFICTX* context, const std::string& reason) {
  const std::string text = one_line(reason.empty() ? "quarantined" : reason, kMaxHoldReason);
  return smfi_quarantine(context, mutable_text(text)) == MI_SUCCESS;
}

}  // namespace

std::string reply_text(std::string_view text) {
  std::string out;
  for (const char c : one_line(text, kMaxReply)) {
    if (out.size() + 2 > kMaxReply) break;
    out += c;
    if (c == '%') out += c;  // libmilter reads the text as a format
  }
  return out;
}

sfsistat refuse(SMFICTX* context, const Refusal& refusal) {
  const std::string text = reply_text(refusal.text);
  // A code whose class does not fit the answer would be dropped in silence, text and all.
  const bool temporary = !refusal.code.empty() && refusal.code.front() == '4';
  if (smfi_setreply(context, mutable_text(refusal.code), mutable_text(refusal.status), mutable_text(text)) !=
      MI_SUCCESS) {
    log(LogLevel::kWarning,
        "the reply \"" + refusal.code + ' ' + refusal.status + ' ' + text + "\" was not accepted");
  }
  return temporary ? SMFIS_TEMPFAIL : SMFIS_REJECT;
}

sfsistat carry_out(SMFICTX* context, const Outcome& outcome, bool lead_space) {
  const ActionPlan& plan = outcome.plan;
  switch (plan.final) {
    case ActionPlan::Final::kReject:
      return refuse(context, {std::string(kRejectCode), std::string(kRejectStatus), plan.reason});
    case ActionPlan::Final::kDiscard:
      return SMFIS_DISCARD;
    case ActionPlan::Final::kAccept:
    case ActionPlan::Final::kHold:
      break;
  }
  bool done = edit_headers(context, outcome, lead_space) && edit_sender(context, outcome.sender) &&
              edit_recipients(context, plan);
  if (done && plan.final == ActionPlan::Final::kHold) done = hold(context, plan.reason);
  return done ? SMFIS_ACCEPT : SMFIS_TEMPFAIL;
}

}  // namespace postern
