// SPDX-License-Identifier: GPL-2.0-or-later
// Facts as JSON objects, made from their each() lists.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace postern {

template <class F>
nlohmann::ordered_json facts_json(const F& facts) {
  nlohmann::ordered_json object;
  F::each(facts, [&](const char* name, const auto& value, const char*) { object[name] = value; });
  return object;
}

// Text that may hold any bytes: what is not UTF-8 is replaced, never an exception.
inline std::string dump_json(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace postern
