// SPDX-License-Identifier: GPL-2.0-or-later
// Administration: a table as text, the diff that an edit would make, and making it in one step, with the audit trail.
#include <sodium.h>

#include <array>

#include "base/log.h"
#include "base/strings.h"
#include "cli/admin_setup.h"
#include "portal/message_view.h"
#include "portal/pages.h"

namespace postern {
namespace {

constexpr size_t kTrail = 20;
constexpr size_t kMaxFaults = 20;
constexpr const char* kChangedMeanwhile = "The table changed meanwhile. This is what your text would change now.";

struct Shown {
  TableName table;
  const char* words;
  const char* hint;
};
constexpr std::array<Shown, 5> kTables{
    {{TableName::kNetworks, "Networks",
      "192.0.2.0/24 allow note=who that is. Also deny and outbound, from= and until= with ISO times: "
      "postern.toml(5)."},
     {TableName::kRules, "Rules", "NAME score condition; they lie over the built-in ones: postern-rules(5)."},
     {TableName::kPolicy, "Policies",
      "alice@example.com spam=tag surespam=quarantine bounce=quarantine; also @domain and *."},
     {TableName::kDomains, "Domains", "example.com enforce, monitor or off. Dates that servers noted stay."},
     {TableName::kPictures, "Images", "A fingerprint, and allow or block, with a note after it."}}};

const Shown* find_table(std::string_view name) {
  for (const Shown& each : kTables) {
    if (to_string(each.table) == name) return &each;
  }
  return nullptr;
}

Result<std::unique_ptr<Admin>> admin_of(const Portal& portal) {
  auto admin = set_up_admin(portal.settings());
  if (!admin.ok()) return unavailable("the tables cannot be reached");
  return admin;
}

// Stands for the rows that an administrator saw when he asked for a change.
std::string fingerprint(const TableRows& rows) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, 16);
  const auto add = [&state](const std::string& text) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(text.c_str()), text.size() + 1);
  };
  for (const auto& [key, value] : rows) add(key), add(value);
  std::string out(16, '\0');
  crypto_generichash_final(&state, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return hex(out);
}

void add_trail(Values& values, Admin& admin) {
  const auto changes = admin.changes(kTrail);
  if (!changes.ok() || changes->empty()) return values.ShowSection("NO_CHANGES");
  Values& list = *values.AddSectionDictionary("CHANGES");
  for (const ChangeEntry& each : *changes) {
    Values& one = *list.AddSectionDictionary("CHANGE");
    set(one, "WHEN", iso_time(each.when));
    set(one, "WHO", shown(each.who));
    set(one, "ROW", shown(each.table + " " + each.key));
    set(one, "BEFORE", each.before.empty() ? "(no row)" : shown(each.before));
    set(one, "AFTER", each.after.empty() ? "(no row)" : shown(each.after));
  }
}

HttpResponse table_page(Portal& portal, Visit& visit, const Shown& table, const std::string* typed,
                        const std::string& faults) {
  const auto admin = admin_of(portal);
  if (!admin.ok()) return error_page(visit, admin.error());
  const auto rows = (*admin)->rows(table.table);
  if (!rows.ok()) return error_page(visit, unavailable("the tables cannot be read"));
  Values values("admin");
  visit.frame.title = table.words;
  visit.frame.here = "/admin";
  for (const Shown& each : kTables) {
    Values& one = *values.AddSectionDictionary("TABLE");
    set(one, "NAME", to_string(each.table));
    set(one, "WORDS", each.words);
    if (&each == &table) one.ShowSection("HERE");
  }
  set(values, "TITLE", table.words);
  set(values, "HINT", table.hint);
  set(values, "TABLE_NAME", to_string(table.table));
  set(values, "TEXT", typed == nullptr ? format_table(table.table, *rows) : *typed);
  if (!faults.empty()) {
    visit.frame.status = 400;
    Values& bad = *values.AddSectionDictionary("BAD");
    size_t count = 0;
    for (const std::string_view line : split(faults, '\n')) {
      if (++count > kMaxFaults) break;
      set(*bad.AddSectionDictionary("FAULT"), "TEXT", shown(line));
    }
  }
  add_trail(values, **admin);
  return page(visit.frame, "admin.tpl", values);
}

// What a form asks for.
struct Edit {
  const Shown* table = nullptr;
  TableRows present, wanted;
  std::vector<RowChange> changes;
  std::unique_ptr<Admin> admin;
};

// Nothing, with the page that says why, where the form cannot be followed.
std::optional<Edit> read_edit(Portal& portal, Visit& visit, HttpResponse& refusal) {
  Edit edit;
  edit.table = find_table(visit.request.field("table"));
  if (edit.table == nullptr) return refusal = fault_page(visit.frame, 404, "There is no such table."), std::nullopt;
  const std::string& text = visit.request.field("text");
  auto wanted = parse_table(edit.table->table, "line", text);
  if (!wanted.ok()) return refusal = table_page(portal, visit, *edit.table, &text, wanted.error().text), std::nullopt;
  edit.wanted = std::move(wanted.value());
  auto admin = admin_of(portal);
  if (!admin.ok()) return refusal = error_page(visit, admin.error()), std::nullopt;
  edit.admin = std::move(admin.value());
  auto present = edit.admin->rows(edit.table->table);
  if (!present.ok()) return refusal = error_page(visit, unavailable("the tables cannot be read")), std::nullopt;
  edit.present = std::move(present.value());
  if (edit.table->table == TableName::kDomains) keep_dates(edit.present, edit.wanted);
  edit.changes = difference(edit.present, edit.wanted);
  return edit;
}

HttpResponse show_diff(Visit& visit, const Edit& edit, const std::string& fault, int status) {
  Values values("diff");
  visit.frame.title = edit.table->words;
  visit.frame.here = "/admin";
  visit.frame.status = status;
  set(values, "TITLE", edit.table->words);
  set(values, "TABLE_NAME", to_string(edit.table->table));
  if (edit.changes.empty()) {
    values.ShowSection("SAME");
    return page(visit.frame, "diff.tpl", values);
  }
  Values& changed = *values.AddSectionDictionary("CHANGED");
  set(changed, "SUMMARY", std::to_string(edit.changes.size()) + (edit.changes.size() == 1 ? " row" : " rows") +
                              " would change, " + std::to_string(rows_gone(edit.changes)) + " of them would go.");
  set(changed, "SEEN", fingerprint(edit.present));
  set(changed, "ROWS", visit.request.field("text"));
  for (const RowChange& each : edit.changes) {
    Values& line = *changed.AddSectionDictionary("LINE");
    if (each.before) set(*line.AddSectionDictionary("GONE"), "TEXT", shown(each.key + " " + *each.before));
    if (each.after) set(*line.AddSectionDictionary("NEW"), "TEXT", shown(each.key + " " + *each.after));
  }
  if (takes_most_away(edit.present, edit.changes)) changed.ShowSection("MANY");
  if (!fault.empty()) set(*changed.AddSectionDictionary("BAD"), "FAULT", fault);
  return page(visit.frame, "diff.tpl", values);
}

}  // namespace

HttpResponse admin_page(Portal& portal, Visit& visit) {
  const std::string& name = visit.request.get("table");
  const Shown* table = name.empty() ? kTables.data() : find_table(name);
  if (table == nullptr) return fault_page(visit.frame, 404, "There is no such table.");
  return table_page(portal, visit, *table, nullptr, "");
}

HttpResponse diff_page(Portal& portal, Visit& visit) {
  HttpResponse refusal;
  const auto edit = read_edit(portal, visit, refusal);
  return edit ? show_diff(visit, *edit, "", 200) : refusal;
}

HttpResponse apply_diff(Portal& portal, Visit& visit) {
  HttpResponse refusal;
  const auto edit = read_edit(portal, visit, refusal);
  if (!edit) return refusal;
  if (visit.request.field("seen") != fingerprint(edit->present)) {
    return show_diff(visit, *edit, kChangedMeanwhile, 409);
  }
  if (takes_most_away(edit->present, edit->changes) && visit.request.field("force") != "yes") {
    return show_diff(visit, *edit, "Tick the box if that is meant.", 409);
  }
  if (!edit->changes.empty()) {
    const auto done = edit->admin->apply(edit->table->table, edit->changes, visit.user->name + " (portal)");
    if (!done.ok() && done.error().kind == ErrorKind::kConflict) {  // between our look and the writing
      const auto again = read_edit(portal, visit, refusal);
      return again ? show_diff(visit, *again, kChangedMeanwhile, 409) : refusal;
    }
    if (!done.ok()) return error_page(visit, unavailable("the change cannot be written"));
    log(LogLevel::kInfo, LogLine("portal").add("client", visit.request.client).add("user", visit.user->name)
                             .add("table", to_string(edit->table->table)).add("rows", uint64_t{edit->changes.size()})
                             .add("generation", *done));
  }
  return see_other("/admin?table=" + std::string(to_string(edit->table->table)), "applied");
}

}  // namespace postern
