// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/check_report.h"

#include <array>

#include "base/strings.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kNearest = 3;

// "192.0.2.0/24 allow, until 2030-01-01T00:00:00Z (in 3d 4h), note=provider".
std::string row_words(const NetworkRow& row, UnixTime now) {
  std::string text = to_string(row.prefix) + " " + std::string(to_string(row.use));
  if (row.from) text += ", from " + iso_time(*row.from) + " (" + when_words(*row.from, now) + ")";
  if (row.until) text += ", until " + iso_time(*row.until) + " (" + when_words(*row.until, now) + ")";
  if (!row.note.empty()) text += ", note=" + printable(row.note);
  return text;
}

std::string unlisted_words(const NetworkTable& networks, const AddressReport& report, const IpAddress& client) {
  if (!report.waiting.empty()) return "listed, but not in force now";
  if (networks.size() == 0) return "the list is empty";
  if (report.nearest.empty()) {
    return std::string("not listed; the list has no ") + (client.is_ipv4() ? "IPv4" : "IPv6") + " network";
  }
  std::string text = "not listed; closest is ";
  for (const NetworkRow& row : report.nearest) {
    if (&row != &report.nearest.front()) text += ", then ";
    text += to_string(row.prefix);
    if (row.use != NetworkUse::kAllow) text += " (" + std::string(to_string(row.use)) + ")";
  }
  return text;
}

std::string reason_words(const NetworkTable& networks, const AddressReport& report, const IpAddress& client,
                         UnixTime now) {
  std::string text = report.row ? row_words(*report.row, now) : unlisted_words(networks, report, client);
  const bool listed = report.row && report.row->use != NetworkUse::kDeny;
  if (client.is_loopback() && !listed) return text + "; passes, because it is this host";
  if (!report.answer.enforced) return text + "; the list is not enforced: no allow row is in force";
  return text;
}

Json row_json(const NetworkRow& row) {
  Json object{{"prefix", to_string(row.prefix)}, {"use", to_string(row.use)}};
  object["from"] = row.from ? Json(iso_time(*row.from)) : Json(nullptr);
  object["until"] = row.until ? Json(iso_time(*row.until)) : Json(nullptr);
  object["note"] = row.note;
  return object;
}

Json rows_json(const std::vector<NetworkRow>& rows) {
  Json list = Json::array();
  for (const NetworkRow& row : rows) list.push_back(row_json(row));
  return list;
}

}  // namespace

std::string in_green(const std::string& text, bool color) { return color ? "\x1b[32m" + text + "\x1b[0m" : text; }
std::string in_red(const std::string& text, bool color) { return color ? "\x1b[31m" + text + "\x1b[0m" : text; }

std::string span_words(int64_t seconds) {
  struct Unit {
    const char* name;
    int64_t seconds;
  };
  constexpr std::array<Unit, 4> kUnits{{{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}};
  std::string text;
  int used = 0;
  for (const Unit& unit : kUnits) {
    const int64_t count = seconds / unit.seconds;
    if (used == 0 && count == 0 && unit.seconds != 1) continue;
    if (count != 0 || used == 0) text += (used == 0 ? "" : " ") + std::to_string(count) + unit.name;
    seconds %= unit.seconds;
    if (++used == 2) break;
  }
  return text;
}

std::string when_words(UnixTime time, UnixTime now) {
  return time > now ? "in " + span_words(time - now) : span_words(now - time) + " ago";
}

AddressReport report_address(const NetworkTable& networks, const IpAddress& client, UnixTime now) {
  AddressReport report;
  report.address = to_string(client);
  report.answer = networks.judge(client, now);
  for (const NetworkRow& row : networks.covering(client)) {
    if (!row.in_force(now)) report.waiting.push_back(row);
  }
  if (report.answer.matched()) {
    report.row = networks.row(report.answer.row);
  } else {
    report.nearest = networks.nearest(client, kNearest);
  }
  report.reason = reason_words(networks, report, client, now);
  return report;
}

std::string report_text(const AddressReport& report, UnixTime now, bool color) {
  std::string text = report.answer.pass ? in_green("PASS", color) : in_red("FAIL", color);
  text += " " + report.address + "  " + report.reason + "\n";
  for (const NetworkRow& row : report.waiting) {
    const bool ahead = row.from && now < *row.from;
    text +=
        std::string("     ") + (ahead ? "not yet in force: " : "no longer in force: ") + row_words(row, now) + "\n";
  }
  return text;
}

Json report_json(const AddressReport& report) {
  Json object{{"address", report.address},
              {"pass", report.answer.pass},
              {"enforced", report.answer.enforced},
              {"outbound", report.answer.outbound}};
  if (report.row) {
    object.update(row_json(*report.row));
  } else {
    object["prefix"] = nullptr;
  }
  object["reason"] = report.reason;
  object["waiting"] = rows_json(report.waiting);
  object["nearest"] = rows_json(report.nearest);
  return object;
}

}  // namespace postern
