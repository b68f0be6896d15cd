// SPDX-License-Identifier: GPL-2.0-or-later
// postern report: what was done to mail, and what monitor mode would have done, out of the log.
#include <algorithm>
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "cli/log_source.h"
#include "cli/report_sum.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;
using Counts = std::map<std::string, uint64_t>;
constexpr size_t kShown = 15;

// The most frequent first.
std::vector<std::pair<std::string, uint64_t>> by_count(const Counts& counts) {
  std::vector<std::pair<std::string, uint64_t>> out(counts.begin(), counts.end());
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

Json tally_json(const std::map<std::string, Tally>& tallies) {
  Json json = Json::object();
  for (const auto& [name, tally] : tallies) json[name] = {{"done", tally.done}, {"watched", tally.watched}};
  return json;
}

Json report_json(const Report& report) {
  const auto time = [](const std::optional<UnixTime>& when) { return when ? Json(iso_time(*when)) : Json(nullptr); };
  Json json{{"first", time(report.first)},
            {"last", time(report.last)},
            {"undated", report.undated},
            {"inbound", report.inbound},
            {"outbound", report.outbound},
            {"refused", {{"done", report.refused.done}, {"watched", report.refused.watched}}},
            {"verdicts", tally_json(report.verdicts)},
            {"actions", tally_json(report.actions)},
            {"rules", report.rules},
            {"networks", report.networks},
            {"held_back", report.held_back},
            {"held_back_domains", report.held_back_domains}};
  json["domains"] = Json::object();
  for (const auto& [name, tally] : report.domains) {
    json["domains"][name] = {{"messages", tally.messages}, {"not_clean", tally.not_clean}};
  }
  return json;
}

void print_rows(std::vector<std::vector<std::string>> rows) {
  if (rows.size() < 2) return;
  const size_t left = rows.size() - 1 > kShown ? rows.size() - 1 - kShown : 0;
  rows.resize(rows.size() - left);
  std::cout << "\n" << columns(rows);
  if (left > 0) std::cout << "and " << left << " more; --json shows all\n";
}

void print_tallies(const std::string& title, const std::string& what, const std::map<std::string, Tally>& tallies) {
  std::vector<std::vector<std::string>> rows{{title, what, "ONLY WATCHED"}};
  for (const auto& [name, tally] : tallies) {
    rows.push_back({printable(name), std::to_string(tally.done), std::to_string(tally.watched)});
  }
  print_rows(std::move(rows));
}

void print_counts(const std::string& title, const std::string& what, const Counts& counts) {
  std::vector<std::vector<std::string>> rows{{title, what}};
  for (const auto& [name, count] : by_count(counts)) rows.push_back({printable(name), std::to_string(count)});
  print_rows(std::move(rows));
}

void print_domains(const Report& report) {
  std::vector<std::pair<std::string, DomainTally>> sorted(report.domains.begin(), report.domains.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.messages > b.second.messages; });
  std::vector<std::vector<std::string>> rows{{"RECIPIENT DOMAIN", "MESSAGES", "NOT CLEAN"}};
  for (const auto& [name, tally] : sorted) {
    rows.push_back({printable(name), std::to_string(tally.messages), std::to_string(tally.not_clean)});
  }
  print_rows(std::move(rows));
}

void print_text(const Report& report) {
  if (report.first) std::cout << iso_time(*report.first) << " to " << iso_time(*report.last) << ": ";
  std::cout << report.inbound << " messages in, " << report.outbound << " out; " << report.refused.done
            << " refusals at the gate";
  if (report.refused.watched > 0) std::cout << ", and " << report.refused.watched << " that would have been";
  std::cout << "\n";
  if (report.undated > 0) std::cout << report.undated << " lines have no time and are left out\n";
  print_tallies("VERDICT", "MESSAGES", report.verdicts);
  print_tallies("ACTION", "RECIPIENTS", report.actions);
  print_counts("BOUNCES LET IN: DOMAIN IS WATCHED", "MESSAGES", report.held_back);
  print_counts("OF THESE, BY DOMAIN", "MESSAGES", report.held_back_domains);
  print_domains(report);
  print_counts("RULE", "MESSAGES", report.rules);
  print_counts("NETWORK REFUSED, OR NEARLY", "TIMES", report.networks);
}

}  // namespace

int run_report(const CommandContext& context, const ReportOptions& options) {
  const UnixTime now = unix_now();
  const auto since = moment_of("--since", options.since, now);
  if (!since) return complain(since.error());
  const auto until = moment_of("--until", options.until, now);
  if (!until) return complain(until.error());
  const Period period{*since, *until};
  std::vector<std::string> journal{"-t", "postern-milter"};
  if (period.since) journal.push_back("--since=@" + std::to_string(*period.since));
  if (period.until) journal.push_back("--until=@" + std::to_string(*period.until));
  Report report;
  const Status read =
      each_log_line(options.files, journal, [&](std::string_view line) { add_to_report(report, line, period, now); });
  if (!read) return complain(read.error());
  if (context.json) {
    std::cout << dump_json(report_json(report)) << "\n";
  } else if (report.lines == 0) {
    std::cout << "no line tells a verdict" << (options.files.empty() ? "; --file names another log" : "") << "\n";
  } else {
    print_text(report);
  }
  return report.lines > 0 ? 0 : 1;
}

}  // namespace postern
