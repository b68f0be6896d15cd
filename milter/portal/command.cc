// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/command.h"

#include <curl/curl.h>
#include <getopt.h>

#include <csignal>
#include <iostream>

#include "base/core_dumps.h"
#include "base/log.h"
#include "base/strings.h"
#include "config.h"
#include "filter/listen_address.h"
#include "filter/signals.h"
#include "filter/startup.h"
#include "portal/http_server.h"
#include "portal/portal.h"
#include "store/store_options.h"

namespace postern {
namespace {

constexpr const char* kUsage =
    "usage: postern-portal [-c FILE] [-f] [-t] [--version]\n"
    "  -c, --config FILE   settings (default " POSTERN_SYSCONFDIR
    "/portal.toml)\n"
    "  -f, --foreground    stay in the foreground, as it always does\n"
    "  -t, --test          check the settings and exit\n"
    "  -V, --version       print the version\n";

constexpr option kOptions[] = {{"config", required_argument, nullptr, 'c'}, {"foreground", no_argument, nullptr, 'f'},
                               {"test", no_argument, nullptr, 't'},         {"version", no_argument, nullptr, 'V'},
                               {"help", no_argument, nullptr, 'h'},         {nullptr, 0, nullptr, 0}};

// Passwords and sessions do not go over a network in the clear.
Status check_settings(const Settings& settings) {
  const auto address = parse_listen(settings.portal_listen);
  if (!address.ok()) return address.error();
  if (settings.portal_certificate.empty() != settings.portal_key.empty()) {
    return invalid("portal-certificate and portal-key: expected both or neither");
  }
  if (!settings.portal_certificate.empty() || !address->path.empty()) return Nothing{};
  const std::string host = settings.portal_listen.substr(std::min(settings.portal_listen.find('@'), settings.portal_listen.size()));
  const auto ip = host.size() > 1 ? parse_ip(host.substr(1)) : Result<IpAddress>(invalid(""));
  if (ip && ip->is_loopback()) return Nothing{};
  return invalid("portal-listen = \"" + printable(settings.portal_listen) +
                 "\": expected an address of this host or a unix socket, or portal-certificate and portal-key");
}

int serve(const Settings& settings) {
  const Status watched = watch_signals();
  if (!watched.ok()) return std::cerr << "postern-portal: " << watched.error().text << "\n", 1;
  open_daemon_log(settings.log, "postern-portal");
  forbid_core_dumps();
  ::signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  StoreOptions options = store_options(settings);
  options.node.clear();  // it judges nothing, so it is no node
  auto store = open_store(options);
  if (!store.ok()) return log(LogLevel::kError, LogLine("portal").add("store", store.error().text)), 1;
  Portal portal(settings, std::move(store.value()));
  HttpServerOptions http;
  http.listen = settings.portal_listen;
  http.certificate = settings.portal_certificate;
  http.key = settings.portal_key;
  auto server = HttpServer::start(
      http, [&portal](const HttpRequest& request) { return portal.answer(request); },
      [&portal](int status) { return portal.fault(status); });
  if (!server.ok()) return log(LogLevel::kError, LogLine("portal").add("http", server.error().text)), 1;
  log(LogLevel::kInfo, LogLine("portal").add("listening", settings.portal_listen));
  while (next_event(Millis(60'000)) != Event::kStop) {
  }
  server.value().reset();  // before the portal that it asks
  log(LogLevel::kInfo, LogLine("portal").add("listening", "no more"));
  return 0;
}

}  // namespace

int run_portal(int argc, char** argv) {
  std::string config = POSTERN_SYSCONFDIR "/portal.toml";
  bool test = false;
  for (int c = 0; (c = getopt_long(argc, argv, "c:ftVh", kOptions, nullptr)) != -1;) {
    switch (c) {
      case 'c':
        config = optarg;
        break;
      case 'f':
        break;
      case 't':
        test = true;
        break;
      case 'V':
        return std::cout << "postern-portal " PACKAGE_VERSION "\n", 0;
      case 'h':
        return std::cout << kUsage, 0;
      default:
        return std::cerr << kUsage, 2;
    }
  }
  if (optind < argc) return std::cerr << "postern-portal: unexpected \"" << argv[optind] << "\"\n" << kUsage, 2;
  const auto settings = load_settings(config);
  const Status status = settings.ok() ? check_settings(*settings) : Status(settings.error());
  if (!status.ok()) return std::cerr << "postern-portal: " << status.error().text << "\n", 1;
  return test ? (std::cout << config << ": good\n", 0) : serve(*settings);
}

}  // namespace postern
