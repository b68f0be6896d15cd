// SPDX-License-Identifier: GPL-2.0-or-later
// One HTTP request as the pages see it, and their answer.  The reading of targets, forms and cookies is pure, strict
// and bounded: what is not understood is no value, never a guess.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

using Parameters = std::map<std::string, std::string, std::less<>>;

struct HttpRequest {
  std::string method;   // "GET"; HEAD has become GET
  std::string path;     // decoded, begins with '/'
  Parameters query;
  Parameters form;      // of a POST
  std::string cookies;  // the Cookie field as it came
  std::string origin;   // the Origin field; empty: none
  std::string fetch_site;  // the Sec-Fetch-Site field; empty: none
  std::string if_none_match;  // the If-None-Match field; empty: none
  std::string host;
  std::string client;   // the client's address; behind a reverse proxy the one that the proxy saw
  bool secure = false;  // the connection itself is TLS

  const std::string& get(std::string_view name) const;    // of the query; empty if it is not there
  const std::string& field(std::string_view name) const;  // of the form
};

struct HttpResponse {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// "/a?b=c" as it stands in the request line.  Nothing for what is no plain absolute path: "..", "//", a backslash, a
// control character, bytes that are no UTF-8, also when escaped; and for a query that parse_form() does not take.
struct Target {
  std::string path;
  Parameters query;
};
std::optional<Target> parse_target(std::string_view target);
// application/x-www-form-urlencoded (WHATWG URL section 5.1): at most 64 names, each once; nothing for a bad escape, a
// NUL or bytes that are no UTF-8.
std::optional<Parameters> parse_form(std::string_view text);
// The value of a cookie (RFC 6265 section 4.2.1); nothing where it is missing or there twice.
std::optional<std::string> find_cookie(std::string_view cookies, std::string_view name);
// Where the request came from, as a reverse proxy wrote it: the last address of X-Forwarded-For, which the proxy itself
// added; empty if it is none.
std::string forwarded_client(std::string_view field);
bool is_utf8(std::string_view text);
// Text for a query's value: letters, digits and -._~ stay, the rest becomes %XX.
std::string url_escaped(std::string_view text);

}  // namespace postern
