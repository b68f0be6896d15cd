// SPDX-License-Identifier: GPL-2.0-or-later
// The wizard: would this address pass the gate, and why.  `postern check` as a page.
#include "base/ip.h"
#include "base/strings.h"
#include "cli/check_report.h"
#include "portal/pages.h"

namespace postern {
namespace {

std::string time_words(UnixTime time, UnixTime now) { return iso_time(time) + " (" + when_words(time, now) + ")"; }

std::string times_of(const NetworkRow& row, UnixTime now) {
  std::string out;
  if (row.from) out += "from " + time_words(*row.from, now);
  if (row.until) out += (out.empty() ? "until " : ", until ") + time_words(*row.until, now);
  return out;
}

void add_text(Values& parent, const char* section, const std::string& text) {
  set(*parent.AddSectionDictionary(section), "TEXT", text);
}

void add_network(Values& parent, const char* section, const NetworkRow& row, UnixTime now) {
  Values& one = *parent.AddSectionDictionary(section);
  set(one, "PREFIX", to_string(row.prefix));
  set(one, "USE", to_string(row.use));
  set(one, "TIMES", times_of(row, now));
  set(one, "WHEN", row.from && now < *row.from ? "Not yet in force" : "No longer in force");
}

void add_nodes(Values& answer, const ClusterPicture& picture, UnixTime now) {
  Values* list = nullptr;
  for (const NodeInfo& node : picture.nodes) {
    if (now - node.seen_at > kNodeFresh) continue;
    if (list == nullptr) list = answer.AddSectionDictionary("NODES");
    Values& one = *list->AddSectionDictionary("NODE");
    set(one, "NAME", node.name);
    set(one, "READ", when_words(node.read_at, now));
    one.ShowSection(node.digest == picture.server.digest ? "SAME" : "OTHER");
  }
  if (list == nullptr) answer.ShowSection("NO_NODES");
}

void add_answer(Values& values, const AddressReport& report, const ClusterPicture& picture, UnixTime now) {
  Values& answer = *values.AddSectionDictionary("ANSWER");
  const bool pass = report.answer.pass;
  set(answer, "KIND", pass ? "pass" : "fail");
  set(answer, "WORD", pass ? "PASS" : "FAIL");
  answer.ShowSection(pass ? "PASS" : "FAIL");
  set(answer, "ADDRESS", report.address);
  set(answer, "REASON", report.reason);
  if (report.row) {
    add_network(answer, "DECIDED", *report.row, now);
    if (!report.row->note.empty()) add_text(answer, "NOTE", report.row->note);
    if (report.row->from) add_text(answer, "FROM", time_words(*report.row->from, now));
    if (report.row->until) add_text(answer, "UNTIL", time_words(*report.row->until, now));
  }
  for (const NetworkRow& row : report.waiting) add_network(answer, "WAITING", row, now);
  for (const NetworkRow& row : report.nearest) add_network(answer, "NEAREST", row, now);
  add_nodes(answer, picture, now);
}

}  // namespace

HttpResponse wizard_page(Portal& portal, Visit& visit) {
  const auto picture = portal.cluster();
  if (!picture.ok()) return error_page(visit, picture.error());
  Values values("wizard");
  visit.frame.title = "Check an address";
  const std::string asked(trim(visit.request.get("address")));
  set(values, "ADDRESS", asked.size() > 100 ? std::string_view() : std::string_view(asked));
  if (asked.empty()) {
    const bool known = parse_ip_literal(visit.request.client).ok();
    if (known) set(*values.AddSectionDictionary("HELP"), "MINE", visit.request.client);
    if (!known) values.ShowSection("HELP_PLAIN");
    return page(visit.frame, "wizard.tpl", values);
  }
  const auto address = parse_ip_literal(asked);
  if (!address.ok()) {
    visit.frame.status = 400;
    set(*values.AddSectionDictionary("BAD"), "FAULT", "That is no address: " + address.error().text + ".");
    values.ShowSection("HELP_PLAIN");
    return page(visit.frame, "wizard.tpl", values);
  }
  const TablesPtr tables = portal.store().tables();
  const AddressReport report = report_address(tables->networks, *address, visit.now);
  visit.frame.title = std::string(report.answer.pass ? "PASS " : "FAIL ") + report.address;
  add_answer(values, report, *picture, visit.now);
  return page(visit.frame, "wizard.tpl", values);
}

}  // namespace postern
