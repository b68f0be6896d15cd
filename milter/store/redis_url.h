// SPDX-License-Identifier: GPL-2.0-or-later
// Where Redis is, as the setting `redis` says it:
//   redis://[user:password@]host:port[/db]
//   unix://[user:password@]/path[?db=N]
//   sentinel://[user:password@]host:port,host:port/master-name[?db=N&sentinel-user=U&sentinel-password=P]
// User, password and path may hold %XX.  Never printed with its password.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace postern {

// One place to connect to: a host and port, or the path of a socket.
struct RedisAddress {
  std::string host;
  int port = 0;
  std::string path;

  bool operator==(const RedisAddress&) const = default;
};
std::string to_string(const RedisAddress& address);  // "127.0.0.1:6379", "[::1]:6379", "/run/redis.sock"

struct RedisUrl {
  std::vector<RedisAddress> addresses;  // the server, or the Sentinels
  std::string user, password;
  std::string sentinel_user, sentinel_password;
  std::string master;  // a name: the addresses are Sentinels
  unsigned db = 0;

  bool sentinel() const { return !master.empty(); }
};

Result<RedisUrl> parse_redis_url(std::string_view text);

}  // namespace postern
