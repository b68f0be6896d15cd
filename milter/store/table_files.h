// SPDX-License-Identifier: GPL-2.0-or-later
// The tables of the embedded store as an administrator keeps them: files `networks`, `policy`, `domains`, `pictures`
// and `*.rules` in tables-directory, one row a line.  Reads them and tells when they changed; writes nothing.
// A missing directory or file is an empty table.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policy/recipient_policy.h"
#include "policy/rules.h"
#include "store/rows.h"

namespace postern {

using PolicyMap = std::unordered_map<std::string, PolicyRow>;

// What tells one state of some files from another: names, times, sizes and inodes.
std::string files_signature(const std::vector<std::string>& paths);

class TableFiles {
 public:
  explicit TableFiles(std::string directory) : directory_(std::move(directory)) {}

  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }
  // The *.rules files, sorted by name.
  std::vector<std::string> rule_paths() const;
  std::string signature() const;
  // Reads everything.  Rows that cannot be read are named in `raw.unread`; a policy row that is not understood keeps
  // the row that `last` has under its key.  One thread at a time.
  void read(const PolicyMap& last, RawTables& raw, PolicyMap& policy);

 private:
  void read_plain(const std::string& table, TableRows& rows, RawTables& raw) const;
  void read_rules(RawTables& raw);
  void read_policy(const PolicyMap& last, RawTables& raw, PolicyMap& policy) const;

  // A rules file as it was read last: checking ten thousand patterns again takes a tenth of a second.
  struct RulesFile {
    std::string text;
    std::vector<RuleSet::Row> rows;
    std::vector<std::pair<std::string, std::string>> faults;
  };

  std::string directory_;
  std::map<std::string, RulesFile> rules_files_;  // path -> what was read
};

}  // namespace postern
