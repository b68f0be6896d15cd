// SPDX-License-Identifier: GPL-2.0-or-later
// The state of the cluster, and what the daemon on this host judged lately.
#include <array>
#include <cstdio>
#include <numeric>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "portal/pages.h"

namespace postern {
namespace {

constexpr UnixTime kDay = 86400, kHour = 3600, kFive = 300;
constexpr UnixTime kBar = 1800;

uint64_t total(const VerdictCounts& counts) { return std::accumulate(counts.begin(), counts.end(), uint64_t{0}); }

std::string one_decimal(double value) {
  std::array<char, 32> text{};
  const int used = std::snprintf(text.data(), text.size(), "%.1f", value);
  return {text.data(), static_cast<size_t>(used > 0 ? used : 0)};
}

void add_chart(Values& values, const Portal& portal, UnixTime now) {
  const History& history = portal.history();
  if (history.empty()) {
    set(*values.AddSectionDictionary("NO_CHART"), "NO_CHART_WORDS",
        portal.settings().metrics_listen.empty()
            ? "Nothing is counted: the setting metrics-listen, which tells where the mail server's counts are, is "
              "empty."
            : "The mail server on this host has not been asked yet, or gives no counts at the moment.");
    return;
  }
  Values& chart = *values.AddSectionDictionary("CHART");
  set(chart, "SVG", chart_svg(history.buckets(now, kBar, static_cast<size_t>(kDay / kBar)), now, kBar));
  const VerdictCounts five = history.sum(now, kFive);
  const VerdictCounts hour = history.sum(now, kHour);
  const VerdictCounts day = history.sum(now, kDay);
  for (size_t i = 0; i < kVerdictWords.size(); ++i) {
    Values& key = *chart.AddSectionDictionary("KEY");
    set(key, "CLASS", kVerdictWords[i]);
    set(key, "WORD", kVerdictWords[i]);
    Values& count = *chart.AddSectionDictionary("COUNT");
    set(count, "WORD", kVerdictWords[i]);
    set(count, "FIVE", std::to_string(five[i]));
    set(count, "HOUR", std::to_string(hour[i]));
    set(count, "DAY", std::to_string(day[i]));
  }
}

void add_node(Values& list, const ClusterPicture& picture, const NodeInfo& node, UnixTime now, bool admin) {
  Values& one = *list.AddSectionDictionary("NODE");
  const bool lost = now - node.seen_at > kNodeFresh;
  const bool late = lags(picture, node, now) || node.bad_rows > 0;
  set(one, "NAME", node.name);
  set(one, "KIND", lost ? "lost" : late ? "old" : "good");
  set(one, "STATE", state_words(picture, node, now));
  set(one, "GENERATION", std::to_string(node.generation));
  set(one, "READ", age_words(now - node.read_at));
  if (!admin) return;
  Values& more = *one.AddSectionDictionary("ADMIN");
  set(more, "VERSION", node.version);
  set(more, "DIGEST", node.digest);
  set(more, "QUEUED", std::to_string(node.queued_records));
  set(more, "DROPPED", std::to_string(node.dropped_records));
}

// Their errors are for administrators.
void add_faults(Values& values, const ClusterPicture& picture) {
  Values* list = nullptr;
  for (const NodeInfo& node : picture.nodes) {
    if (node.last_error.empty()) continue;
    if (list == nullptr) list = values.AddSectionDictionary("FAULTS");
    Values& one = *list->AddSectionDictionary("FAULT");
    set(one, "NAME", node.name);
    set(one, "TEXT", node.last_error);
  }
}

}  // namespace

HttpResponse status_page(Portal& portal, Visit& visit) {
  const auto picture = portal.cluster();
  if (!picture.ok()) return error_page(visit, picture.error());
  const bool admin = visit.user && visit.user->admin;
  Values values("status");
  visit.frame.title = "Status";
  size_t good = 0;
  Values* list = picture->nodes.empty() ? nullptr : values.AddSectionDictionary("NODES");
  if (list == nullptr) values.ShowSection("NO_NODES");
  if (list != nullptr && admin) list->ShowSection("ADMIN_HEAD");
  for (const NodeInfo& node : picture->nodes) {
    add_node(*list, *picture, node, visit.now, admin);
    if (!lags(*picture, node, visit.now) && node.bad_rows == 0) ++good;
  }
  if (admin) add_faults(values, *picture);
  set(values, "NODES_GOOD", std::to_string(good));
  set(values, "NODES_ALL", std::to_string(picture->nodes.size()));
  set(values, "GENERATION", std::to_string(picture->server.generation));
  const VerdictCounts day = portal.history().sum(visit.now, kDay);
  const bool counted = !portal.history().empty();
  set(values, "RATE",
      counted ? one_decimal(static_cast<double>(total(portal.history().sum(visit.now, kFive))) / 5) : "–");
  set(values, "CAUGHT", counted ? std::to_string(total(day) - day[0]) : "–");
  add_chart(values, portal, visit.now);
  return page(visit.frame, "status.tpl", values);
}

}  // namespace postern
