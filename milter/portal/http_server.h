// SPDX-License-Identifier: GPL-2.0-or-later
// HTTP for the portal, by libmicrohttpd: one thread reads and writes all connections and never waits; a few workers
// make the answers.  A client that is slow holds one of a bounded number of connections, never a worker, and is shown
// the door when its request is not there in time.  The only file that knows libmicrohttpd.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "portal/http.h"

namespace postern {

struct HttpServerOptions {
  std::string listen;       // inet:PORT@ADDRESS, inet6:PORT@ADDRESS, unix:PATH
  std::string certificate;  // PEM file; empty: no TLS
  std::string key;          // PEM file
  unsigned workers = 4;
  unsigned connections = 512;         // at most
  unsigned connections_of_one = 128;  // of one address; a unix socket has no such bound
  size_t queue = 256;                 // requests that wait for a worker; those beyond get 503
  size_t body = size_t{1} << 20;      // bytes of a form; a longer one gets 413
  int request_seconds = 20;           // for a whole request to come in
};

class HttpServer {
 public:
  // Called by the workers, several at a time.  What it throws becomes the page of fault().
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // The page for what no handler gets to see: a status from 400 on.
  using Fault = std::function<HttpResponse(int status)>;

  static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options, Handler handler, Fault fault);
  // Answers what has come in, then ends.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

 private:
  struct Inside;
  explicit HttpServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace postern
