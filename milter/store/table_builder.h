// SPDX-License-Identifier: GPL-2.0-or-later
// Makes Tables out of text rows, one state after the other.  A row that is not understood is named in bad_rows and
// its last good text stays in force; parts that did not change are taken over from the state before.  Does no I/O
// except the log line that names a bad row, once.  One thread at a time.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "store/rows.h"

namespace postern {

class TableBuilder {
 public:
  explicit TableBuilder(bool default_rules) : default_rules_(default_rules) {}

  // `digest`: that of the rows as Redis had them, if these are not the same.
  TablesPtr build(const RawTables& rows, UnixTime now, const std::string& digest = {});
  // The text of the rows in force: last good ones where the present ones are bad.
  const RawTables& in_force() const { return good_; }

 private:
  template <class Parse>
  void settle(std::string_view table, const TableRows& rows, TableRows& good, Parse parse);
  RawTables with_last_good(const RawTables& raw) const;
  void build_networks(const RawTables& raw);
  void build_rules(const RawTables& raw);
  void build_domains(const RawTables& raw);
  void build_keys(const RawTables& raw);
  void report(const RawTables& raw, std::vector<BadRow>& bad_rows);
  void complain(std::string_view table, std::string_view key, std::string reason);

  bool default_rules_;
  bool first_ = true;
  RawTables seen_, good_;
  Tables next_;
  std::set<std::string> reported_;
};

}  // namespace postern
