// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/report_sum.h"

#include <algorithm>
#include <set>

#include "base/ip.h"
#include "base/strings.h"
#include "cli/log_source.h"
#include "cli/mail_story.h"
#include "policy/networks.h"

namespace postern {
namespace {

std::string domain_of_path(std::string_view address) {
  if (address.starts_with('<')) address.remove_prefix(1);
  if (address.ends_with('>')) address.remove_suffix(1);
  const size_t at = address.rfind('@');
  return at == std::string_view::npos ? "-" : lower(address.substr(at + 1));
}

// Whether the line counts, by its time.
bool falls_in(Report& report, std::string_view line, const Period& period, UnixTime now) {
  const auto when = log_time(line, now);
  if (!when) {
    const bool asked = period.since || period.until;
    if (asked) ++report.undated;
    return !asked;
  }
  if ((period.since && *when < *period.since) || (period.until && *when > *period.until)) return false;
  report.first = std::min(report.first.value_or(*when), *when);
  report.last = std::max(report.last.value_or(*when), *when);
  return true;
}

void add_refusal(Report& report, const MailStory& story) {
  ++(story.action == "monitor" ? report.refused.watched : report.refused.done);
  const auto address = parse_ip_literal(story.client);
  ++report.networks[address ? to_string(refusal_source(*address)) : "-"];
}

void add_message(Report& report, const MailStory& story) {
  const bool watched = story.action == "monitor";
  ++report.inbound;
  Tally& verdict = report.verdicts[story.verdict];
  ++(watched ? verdict.watched : verdict.done);
  for (const std::string_view rule : split(story.rules, ',')) {
    if (rule != "-" && rule != "..." && !rule.empty()) ++report.rules[std::string(rule)];
  }
  std::set<std::string> domains{domain_of_path(story.first_recipient)};
  for (const JudgedRecipient& each : story.judged) {
    Tally& action = report.actions[each.action];
    ++(watched ? action.watched : action.done);
    domains.insert(domain_of_path(each.address));
  }
  for (const std::string& domain : domains) {
    ++report.domains[domain].messages;
    if (story.verdict != "clean") ++report.domains[domain].not_clean;
  }
  if (story.would_be.empty()) return;
  ++report.held_back[story.would_be];
  ++report.held_back_domains[domain_of_path(story.first_recipient)];
}

}  // namespace

void add_to_report(Report& report, std::string_view line, const Period& period, UnixTime now) {
  const auto story = read_verdict(line);
  if (!story || !falls_in(report, line, period, now)) return;
  ++report.lines;
  if (story->verdict == "blocked") {
    add_refusal(report, *story);
  } else if (story->direction == "outbound") {
    ++report.outbound;
  } else {
    add_message(report, *story);
  }
}

}  // namespace postern
