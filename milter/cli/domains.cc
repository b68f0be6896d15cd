// SPDX-License-Identifier: GPL-2.0-or-later
// postern domains list: which domains' bounces are judged, since when each stamps, and what became of its bounces.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "policy/domains.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  std::string domain, text;  // the row; empty for a domain that only has bounces
  Result<DomainRow> row = DomainRow();
  BounceState state = BounceState::kMonitor;
  std::optional<UnixTime> since, judged_from;
  DomainReport report;
};

Line line_of(const std::string& domain, const std::string& text, const DomainReports& reports, Millis grace) {
  Line line;
  line.domain = domain;
  line.text = text;
  if (!text.empty()) line.row = parse_domain_row(text);
  const auto report = reports.find(domain);
  if (report != reports.end()) line.report = report->second;
  if (!line.row.ok()) return line;
  const DomainRow& row = *line.row;
  line.since = row.since ? row.since : line.report.since;
  line.state = bounce_state(DomainTable{{domain, row}}, domain, unix_now(), grace);
  if (row.since && !row.wanted) line.judged_from = *row.since + grace.count() / 1000;
  return line;
}

uint64_t count_of(const Line& line, std::string_view outcome) {
  const auto found = line.report.bounces.find(outcome);
  return found == line.report.bounces.end() ? 0 : found->second;
}

std::string state_words(const Line& line) {
  if (!line.row.ok()) return "bad row";
  if (line.state == BounceState::kMonitor && line.judged_from) return "monitor until " + iso_time(*line.judged_from);
  return std::string(to_string(line.state));
}

Json to_json(const Line& line) {
  const auto time = [](const std::optional<UnixTime>& value) {
    return value ? Json(iso_time(*value)) : Json(nullptr);
  };
  Json json{{"key", line.domain},
            {"value", line.text},
            {"state", line.row.ok() ? Json(to_string(line.state)) : Json(nullptr)},
            {"tag", line.row.ok() && line.row->tag},
            {"since", time(line.since)},
            {"judged-from", time(line.judged_from)}};
  for (const std::string_view outcome : kBounceOutcomes) json[std::string(outcome)] = count_of(line, outcome);
  return json;
}

std::vector<std::string> to_cells(const Line& line) {
  std::vector<std::string> cells{printable(line.domain), state_words(line),
                                 line.row.ok() && line.row->tag ? "on" : "-",
                                 line.since ? iso_time(*line.since) : "-"};
  for (const std::string_view outcome : kBounceOutcomes) cells.push_back(std::to_string(count_of(line, outcome)));
  return cells;
}

}  // namespace

int list_domains(const CommandContext& context, Admin& admin) {
  auto rows = admin.rows(TableName::kDomains);
  if (!rows.ok()) return complain(rows.error());
  const auto reports = admin.domain_reports();
  if (!reports.ok()) return complain(reports.error());
  for (const auto& [domain, report] : *reports) {
    if (!report.bounces.empty()) rows.value().emplace(domain, "");
  }
  std::vector<std::vector<std::string>> cells{{"DOMAIN", "STATE", "TAG", "SINCE"}};
  for (const std::string_view outcome : kBounceOutcomes) {
    std::string title(outcome);
    for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    cells.front().push_back(std::move(title));
  }
  for (const auto& [domain, text] : *rows) {
    const Line line = line_of(domain, text, *reports, context.settings.bounce_grace);
    if (context.json) {
      std::cout << dump_json(to_json(line)) << "\n";
    } else {
      cells.push_back(to_cells(line));
    }
  }
  if (!context.json) std::cout << columns(cells);
  return 0;
}

}  // namespace postern
