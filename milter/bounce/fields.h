// SPDX-License-Identifier: GPL-2.0-or-later
// Looks into a message's top-level header fields as they stand in its facts.
#pragma once

#include <string_view>

#include "base/strings.h"
#include "policy/facts.h"

namespace postern {

// The first field of that name (any case); null if there is none.
inline const HeaderField* find_field(const Facts& facts, std::string_view name) {
  for (const HeaderField& field : facts.headers) {
    if (equal_nocase(field.name, name)) return &field;
  }
  return nullptr;
}
inline bool has_field(const Facts& facts, std::string_view name) { return find_field(facts, name) != nullptr; }
inline std::string_view field_value(const Facts& facts, std::string_view name) {
  const HeaderField* field = find_field(facts, name);
  return field == nullptr ? std::string_view() : std::string_view(field->value);
}

}  // namespace postern
