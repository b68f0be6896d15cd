// SPDX-License-Identifier: GPL-2.0-or-later
// Serves one page, /metrics, over HTTP/1.0 on a loopback address or a unix socket: what Prometheus reads.  One
// thread, one request at a time, 4 KiB and two seconds for each, nothing of the request kept or answered back.  Not
// the library's own server: that one reads far more of HTTP than a process with signing keys should.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "base/fd.h"
#include "base/result.h"

namespace postern {

class MetricsServer {
 public:
  using Page = std::function<std::string()>;

  // Serves `page` at `spec` (the setting metrics-listen) from a thread of its own.  An address that cannot be had
  // stops no mail: the log says so once, and it is tried again each second, as after a predecessor that still
  // finishes.  `page` must not throw.
  MetricsServer(std::string spec, Page page);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

 private:
  void run();
  bool wait(int fd, int millis) const;  // false: it is time to stop
  void serve(const Fd& peer) const;
  void close();

  const std::string spec_;
  const Page page_;
  Fd stop_;  // an eventfd
  Fd socket_;
  std::string path_;  // of a socket file that is ours
  std::thread thread_;
};

}  // namespace postern
