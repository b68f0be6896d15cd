// SPDX-License-Identifier: GPL-2.0-or-later
// bounce_kind(): which kind of automatic mail a message is.
#include "base/strings.h"
#include "bounce/fields.h"
#include "bounce/verify.h"
#include "mail/content_type.h"

namespace postern {
namespace {

// What the reader found in the body, or what Content-Type promises (RFC 6522 section 3) if nobody read the body.
BounceKind kind_by_shape(const Facts& facts) {
  const std::string& shape = facts.body.report.shape;
  if (!shape.empty()) return parse_bounce_kind(shape).value_or(BounceKind::kNone);
  if (facts.message.content_type != "multipart/report") return BounceKind::kNone;
  const ContentField type = parse_content_field(field_value(facts, "Content-Type"));
  const std::string report = lower(type.param("report-type"));
  if (report == "delivery-status") return BounceKind::kFailure;
  if (report == "disposition-notification") return BounceKind::kMdn;
  if (report == "feedback-report") return BounceKind::kFeedback;
  return BounceKind::kNone;
}

// Fields that only delivery systems write: Exim's X-Failed-Recipients, Sendmail's comments in Auto-Submitted.
BounceKind kind_by_delivery_fields(const Facts& facts) {
  const std::string& automatic = facts.message.auto_submitted;
  if (automatic.find("(failure)") != std::string::npos) return BounceKind::kFailure;
  if (automatic.find("(warning") != std::string::npos) return BounceKind::kDelay;
  if (automatic.find("(return-receipt)") != std::string::npos) return BounceKind::kSuccess;
  return has_field(facts, "X-Failed-Recipients") ? BounceKind::kFailure : BounceKind::kNone;
}

// RFC 3834, and what responders wrote before it.
BounceKind kind_of_responder(const Facts& facts) {
  const MessageFacts& message = facts.message;
  if (starts_nocase(message.auto_submitted, "auto-replied")) return BounceKind::kAutoreply;
  if (starts_nocase(message.precedence, "auto_reply") || has_field(facts, "X-Autoreply") ||
      has_field(facts, "X-Autorespond") || has_field(facts, "X-Autoresponder")) {
    return BounceKind::kAutoreply;
  }
  if (message.null_sender && has_field(facts, "In-Reply-To")) return BounceKind::kAutoreply;
  const bool automatic = starts_nocase(message.auto_submitted, "auto-generated");
  return message.null_sender || automatic ? BounceKind::kOther : BounceKind::kNone;
}

}  // namespace

BounceKind bounce_kind(const Facts& facts, BounceKind by_rules) {
  for (const BounceKind kind : {kind_by_shape(facts), kind_by_delivery_fields(facts), by_rules}) {
    if (kind != BounceKind::kNone) return kind;
  }
  return kind_of_responder(facts);
}

}  // namespace postern
