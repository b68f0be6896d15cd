// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/edits.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "base/strings.h"
#include "bounce/stamp.h"
#include "mail/subject.h"

namespace postern {
namespace {

constexpr std::string_view kOwnPrefix = "X-Postern-";
constexpr size_t kShownRules = 16;

std::string score_text(double score) {
  std::array<char, 32> buffer{};
  const int used = std::snprintf(buffer.data(), buffer.size(), "%.1f", score);
  return {buffer.data(), static_cast<size_t>(used > 0 ? used : 0)};
}

// "spam; score=7.5; rules=A,B; bounce=failure/none (reason)", folded so that no line grows long.
std::string verdict_text(const Judgement& judgement) {
  std::string text = std::string(to_string(judgement.verdict)) + "; score=" + score_text(judgement.rules.score);
  size_t shown = 0;
  for (const RuleHit& hit : judgement.rules.hits) {
    if (++shown > kShownRules) break;
    text += (shown == 1 ? ";\n\trules=" : ",\n\t") + printable(hit.name, 64);
  }
  if (judgement.bounce.kind != BounceKind::kNone) {
    text += ";\n\tbounce=" + std::string(to_string(judgement.bounce.kind)) + "/" +
            std::string(to_string(judgement.bounce.evidence));
  }
  if (!judgement.reason.empty()) text += "\n\t(" + printable(judgement.reason, 200) + ")";
  return text;
}

}  // namespace

bool is_own_field(std::string_view name) { return starts_nocase(name, kOwnPrefix); }

std::string kept_stamp(const std::vector<HeaderField>& headers, const KeyTable& keys, std::string_view sender,
                       UnixTime now, Millis life) {
  for (const HeaderField& field : headers) {
    if (equal_nocase(field.name, kStampHeader) &&
        check_stamp(keys, field.value, sender, now, life) == StampCheck::kValid) {
      return std::string(trim(field.value));
    }
  }
  return "";
}

std::vector<HeaderEdit> remove_own_headers(const std::vector<HeaderField>& headers, std::string_view keep) {
  std::map<std::string, unsigned> seen;   // per lower-case name: the MTA counts a field's copies from 1
  std::vector<HeaderEdit> edits;
  bool kept = keep.empty();
  for (const HeaderField& field : headers) {
    if (!is_own_field(field.name)) continue;
    const unsigned index = ++seen[lower(field.name)];
    if (!kept && equal_nocase(field.name, kStampHeader) && trim(field.value) == keep) {
      kept = true;
      continue;
    }
    edits.push_back({HeaderEdit::Kind::kDelete, field.name, "", index});
  }
  std::reverse(edits.begin(), edits.end());
  return edits;
}

void add_verdict_edits(const Judgement& judgement, const ActionPlan& plan,
                       const std::optional<std::string>& raw_subject, std::vector<HeaderEdit>& edits) {
  const bool plain = judgement.verdict == Verdict::kClean && !is_judged(judgement.bounce.kind);
  if (plain) return;
  if (!plan.subject_tag.empty()) {
    if (raw_subject) {
      edits.push_back({HeaderEdit::Kind::kChange, "Subject", tag_subject(*raw_subject, plan.subject_tag), 1});
    } else {
      edits.push_back({HeaderEdit::Kind::kInsert, "Subject", std::string(trim(plan.subject_tag)), 1});
    }
  }
  edits.push_back({HeaderEdit::Kind::kInsert, "X-Postern-Verdict", verdict_text(judgement), 1});
}

}  // namespace postern
