// SPDX-License-Identifier: GPL-2.0-or-later
// The built-in rules: the text of rules/*.rules, put into the program by rules/embed.awk.
#include "policy/default_rules.h"

#include <stdexcept>

#include "policy/rules.h"

namespace postern {

const std::vector<RuleSet::Row>& default_rules() {
  static const std::vector<RuleSet::Row> rows = [] {
    std::vector<RuleSet::Row> all;
    for (const EmbeddedFile* file = embedded_rules(); file->path != nullptr; ++file) {
      auto parsed = parse_rules_file(file->path, file->text);
      if (!parsed)
        throw std::logic_error("built-in " + parsed.error().text);  // the unit test keeps this from shipping
      all.insert(all.end(), parsed->begin(), parsed->end());
    }
    return all;
  }();
  return rows;
}

}  // namespace postern
