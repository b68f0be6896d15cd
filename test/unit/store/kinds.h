// SPDX-License-Identifier: GPL-2.0-or-later
// The two kinds of store as tests see them: how to open each, and how to edit its tables from outside.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/strings.h"
#include "redis_server.h"
#include "store/store.h"

namespace postern::test {

inline Deadline soon() { return Deadline::after(Millis(10'000)); }

inline TrackHash fact(const char* six) {
  TrackHash out{};
  std::copy_n(six, out.size(), out.begin());
  return out;
}

// Each kind of store, with the ways to edit its tables from outside.
struct EmbeddedKind {
  static bool available() { return true; }
  TemporaryDirectory directory;
  StoreOptions options() {
    StoreOptions out;
    out.tables_directory = directory.path();
    out.state_directory = directory.path("state");
    out.node = "one";
    out.connect_timeout = out.command_timeout = Millis(5000);  // tests run on busy machines
    return out;
  }
  // Rows as lines "key value"; the whole table.
  void put(const std::string& table, const std::string& rows) {
    directory.write(table == "rules" ? "own.rules" : table, rows);
  }
};

struct RedisKind {
  static bool available() { return RedisServer::installed(); }
  RedisServer server;
  TemporaryDirectory directory;
  StoreOptions options() {
    StoreOptions out;
    out.redis = server.socket_url();
    out.state_directory = directory.path();
    out.node = "one";
    out.connect_timeout = out.command_timeout = Millis(5000);  // tests run on busy machines
    return out;
  }
  void put(const std::string& table, const std::string& rows) {
    // In one step, as the rows would otherwise be gone for a moment, and their last good text with them.
    std::vector<std::string> all{
        "EVAL", "redis.call('DEL',KEYS[1]) if #ARGV > 0 then redis.call('HSET',KEYS[1],unpack(ARGV)) end", "1",
        "postern:" + table};
    for (size_t start = 0; start < rows.size();) {
      const size_t end = rows.find('\n', start);
      const std::string row = rows.substr(start, end - start);
      const std::string key = row.substr(0, row.find(' '));
      std::string value = row.substr(key.size() + 1);
      if (table == "policy") {
        for (char& c : value) c = c == '=' ? ' ' : c;
        all.resize(3);
        all.push_back("postern:policy:" + key);
        for (const std::string_view word : words(value)) all.emplace_back(word);
        server.run(all);
      } else {
        all.push_back(key);
        all.push_back(value);
      }
      start = end + 1;
    }
    if (table != "policy") server.run(all);
  }
};

}  // namespace postern::test
