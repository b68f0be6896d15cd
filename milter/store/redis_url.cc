// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_url.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {
namespace {

constexpr std::string_view kExpected =
    "expected redis://[user:password@]host:port[/db], unix:///path[?db=N] or "
    "sentinel://[user:password@]host:port,host:port/master-name";

Error fault(std::string_view what) { return invalid("redis: " + std::string(what) + "; " + std::string(kExpected)); }

Result<std::string> decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = unhex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return fault("a % that is not followed by two hexadecimal digits");
    out += *byte;
    i += 2;
  }
  return out;
}

Result<RedisAddress> parse_address(std::string_view text, int default_port) {
  RedisAddress out;
  out.port = default_port;
  std::string_view rest = text;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return fault("an address without its ]");
    out.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const size_t colon = text.find(':');
    out.host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (out.host.empty()) return fault("no host");
  if (rest.empty()) return out;
  const auto port = rest.front() == ':' ? to_uint(rest.substr(1), 65535) : std::nullopt;
  if (!port || *port == 0) return fault("\"" + printable(rest) + "\" is no port");
  out.port = static_cast<int>(*port);
  return out;
}

// Takes "user:password@" off the front of `rest`; "password@" alone is the default user's.
Status take_user(std::string_view& rest, RedisUrl& url) {
  const size_t at = rest.rfind('@', rest.find('/'));
  if (at == std::string_view::npos) return Nothing{};
  const std::string_view info = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const size_t colon = info.find(':');
  auto user = decode(colon == std::string_view::npos ? std::string_view() : info.substr(0, colon));
  auto password = decode(colon == std::string_view::npos ? info : info.substr(colon + 1));
  if (!user.ok()) return user.error();
  if (!password.ok()) return password.error();
  url.user = std::move(user.value());
  url.password = std::move(password.value());
  return Nothing{};
}

Status set_db(std::string_view text, RedisUrl& url) {
  const auto db = to_uint(text, 100'000);
  if (!db) return fault("\"" + printable(text) + "\" is no database number");
  url.db = static_cast<unsigned>(*db);
  return Nothing{};
}

// Takes "?name=value&..." off the end.
Status take_options(std::string_view& rest, RedisUrl& url) {
  const size_t mark = rest.find('?');
  if (mark == std::string_view::npos) return Nothing{};
  for (const std::string_view option : split(rest.substr(mark + 1), '&')) {
    const size_t equals = option.find('=');
    const std::string_view name = option.substr(0, equals);
    const auto value = decode(equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1));
    if (!value.ok()) return value.error();
    if (name == "db") {
      const Status status = set_db(value.value(), url);
      if (!status.ok()) return status;
    } else if (name == "sentinel-user") {
      url.sentinel_user = value.value();
    } else if (name == "sentinel-password") {
      url.sentinel_password = value.value();
    } else {
      return fault("unknown option \"" + printable(name) + "\"");
    }
  }
  rest = rest.substr(0, mark);
  return Nothing{};
}

Status parse_servers(std::string_view rest, bool sentinel, RedisUrl& url) {
  const size_t slash = rest.find('/');
  const std::string_view tail = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  for (const std::string_view each : split(rest.substr(0, slash), ',')) {
    const auto address = parse_address(each, sentinel ? 26379 : 6379);
    if (!address.ok()) return address.error();
    url.addresses.push_back(address.value());
  }
  if (sentinel) {
    url.master = tail;
    return tail.empty() ? Status(fault("no master name after the Sentinels")) : Status(Nothing{});
  }
  if (url.addresses.size() != 1) return fault("more than one server without Sentinel");
  return tail.empty() ? Status(Nothing{}) : set_db(tail, url);
}

}  // namespace

std::string to_string(const RedisAddress& address) {
  if (!address.path.empty()) return address.path;
  const bool ipv6 = address.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<RedisUrl> parse_redis_url(std::string_view text) {
  RedisUrl url;
  const size_t mark = text.find("://");
  if (mark == std::string_view::npos) return fault("this is no URL");
  const std::string_view scheme = text.substr(0, mark);
  std::string_view rest = text.substr(mark + 3);
  if (scheme == "rediss") {
    return invalid(
        "redis: rediss:// is not supported, as hiredis has no TLS here: run stunnel beside the daemon, as "
        "contrib/redis/stunnel.conf shows, and set redis to where it listens");
  }
  if (scheme != "redis" && scheme != "unix" && scheme != "sentinel") {
    return fault("unknown kind of URL \"" + printable(scheme) + "\"");
  }
  Status status = take_options(rest, url);
  if (status.ok()) status = take_user(rest, url);
  if (!status.ok()) return status.error();
  if (scheme == "unix") {
    const auto path = decode(rest);
    if (!path.ok()) return path.error();
    if (path->empty() || path->front() != '/') return fault("no absolute path");
    url.addresses.push_back({"", 0, path.value()});
    return url;
  }
  status = parse_servers(rest, scheme == "sentinel", url);
  if (!status.ok()) return status.error();
  return url;
}

}  // namespace postern
