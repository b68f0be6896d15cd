// SPDX-License-Identifier: GPL-2.0-or-later
// One recipient's wishes: which action follows which verdict, and whether the live archive gets a copy.  Rows come
// from `postern:policy:<who>` or the file `policy`; the lookup order is user+detail@domain, user@domain, @domain, *.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/verdict.h"

namespace postern {

// One row of the table; what a row says nothing of falls through to the next row.
struct PolicyRow {
  std::array<std::optional<Action>, kPolicyVerdicts.size()> actions;  // indexed as kPolicyVerdicts
  std::optional<bool> archive;  // a copy for the live archive
  std::optional<Action> action(Verdict verdict) const;
  bool operator==(const PolicyRow&) const = default;
};

// What applies to one recipient for one verdict, and the key of the row that said so ("default" if none did); with a
// question mark if a row that comes before it could not be asked for.
struct PolicyDecision {
  Action action = Action::kDeliver;
  std::string key;
};

// Reads "spam=tag surespam=quarantine archive=on ..." (file form).  `bounce=` stands for both bounce verdicts.
Result<PolicyRow> parse_policy_row(std::string_view text);
// Reads one field of the Redis form; fails naming field and value.
Status set_policy_field(PolicyRow& row, std::string_view field, std::string_view value);
std::string to_string(const PolicyRow& row);  // the file form
// Whether `who` can be a key: *, @domain, user@domain.  Keys are lower case.
Status check_policy_key(std::string_view who);

// The keys under which a recipient's policy is looked for, first wins: at most four, lower case.
std::vector<std::string> policy_keys(std::string_view recipient);

// Rows found for one recipient, in lookup order.
struct PolicyChain {
  std::vector<std::pair<std::string, PolicyRow>> rows;
  bool last_known = false;  // the shared store could not be asked, or nobody vouches for its answer
  static constexpr size_t kAllSure = SIZE_MAX;
  size_t sure = kAllSure;  // rows from this one on follow one that could not be asked for and was never known
};
// Built-in default where no row says anything: spam=tag surespam=quarantine forged-bounce=quarantine
// unverified-bounce=quarantine.  Clean mail is always delivered.
PolicyDecision decide_policy(const PolicyChain& chain, Verdict verdict);

// Whether mail for this mailbox, and mail that it sends, is copied to the live archive; off where no row says so.
struct ArchiveDecision {
  bool on = false;
  bool for_all = false;  // the row `*` said so
  bool known = true;     // no row that comes before it was out of reach
};
ArchiveDecision decide_archive(const PolicyChain& chain);

}  // namespace postern
