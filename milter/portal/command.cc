// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/command.h"

#include <curl/curl.h>
#include <getopt.h>

#include <csignal>
#include <iostream>
#include <optional>

#include "base/core_dumps.h"
#include "base/log.h"
#include "base/strings.h"
#include "config.h"
#include "filter/listen_address.h"
#include "filter/signals.h"
#include "filter/startup.h"
#include "portal/digest.h"
#include "portal/http_server.h"
#include "portal/imap_master.h"
#include "portal/portal.h"
#include "store/store_options.h"

namespace postern {
namespace {

constexpr const char* kUsage =
    "usage: postern-portal [-c FILE] [-f] [-t] [--version]\n"
    "       postern-portal --digest [-c FILE] [--users FILE] [--dry-run] [USER...]\n"
    "  -c, --config FILE   settings (default " POSTERN_SYSCONFDIR
    "/portal.toml)\n"
    "  -f, --foreground    stay in the foreground, as it always does\n"
    "  -t, --test          check the settings and exit\n"
    "  -V, --version       print the version\n"
    "      --digest        tell users by mail what is new in their quarantine: postern digest\n"
    "      --users FILE    who they are, instead of digest-users; - is standard input\n"
    "      --dry-run       only say who would be told\n";

constexpr option kOptions[] = {{"config", required_argument, nullptr, 'c'}, {"foreground", no_argument, nullptr, 'f'},
                               {"test", no_argument, nullptr, 't'},         {"version", no_argument, nullptr, 'V'},
                               {"help", no_argument, nullptr, 'h'},         {"digest", no_argument, nullptr, 'D'},
                               {"users", required_argument, nullptr, 'U'},  {"dry-run", no_argument, nullptr, 'N'},
                               {nullptr, 0, nullptr, 0}};

struct CommandLine {
  std::string config = POSTERN_SYSCONFDIR "/portal.toml";
  bool test = false;
  bool digest = false;
  DigestOptions digests;
};

// Passwords and sessions do not go over a network in the clear.
Status check_settings(const Settings& settings) {
  const auto address = parse_listen(settings.portal_listen);
  if (!address.ok()) return address.error();
  if (settings.portal_certificate.empty() != settings.portal_key.empty()) {
    return invalid("portal-certificate and portal-key: expected both or neither");
  }
  if (!settings.portal_imap_master.empty()) {
    const auto master = read_imap_master(settings.portal_imap_master);
    if (!master.ok()) return invalid("portal-imap-master: " + master.error().text);
  }
  if (!settings.portal_certificate.empty() || !address->path.empty()) return Nothing{};
  const std::string host =
      settings.portal_listen.substr(std::min(settings.portal_listen.find('@'), settings.portal_listen.size()));
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

// The exit status where nothing is left to do.
std::optional<int> read_arguments(int argc, char** argv, CommandLine& line) {
  for (int c = 0; (c = getopt_long(argc, argv, "c:ftVh", kOptions, nullptr)) != -1;) {
    if (c == 'c') line.config = optarg;
    if (c == 't') line.test = true;
    if (c == 'D') line.digest = true;
    if (c == 'U') line.digests.users_file = optarg;
    if (c == 'N') line.digests.dry_run = true;
    if (c == 'V') return std::cout << "postern-portal " PACKAGE_VERSION "\n", 0;
    if (c == 'h') return std::cout << kUsage, 0;
    if (c == '?') return std::cerr << kUsage, 2;
  }
  line.digests.users.assign(argv + optind, argv + argc);
  const bool only_digest = !line.digests.users.empty() || !line.digests.users_file.empty() || line.digests.dry_run;
  if (line.digest || !only_digest) return std::nullopt;
  const std::string odd =
      line.digests.users.empty() ? "--users and --dry-run" : "\"" + line.digests.users.front() + "\"";
  return std::cerr << "postern-portal: " << odd << ": expected only with --digest\n" << kUsage, 2;
}

}  // namespace

int run_portal(int argc, char** argv) {
  CommandLine line;
  if (const auto status = read_arguments(argc, argv, line)) return *status;
  const auto settings = load_settings(line.config);
  const Status status = settings.ok() ? check_settings(*settings) : Status(settings.error());
  if (!status.ok()) return std::cerr << "postern-portal: " << status.error().text << "\n", line.digest ? 2 : 1;
  if (line.test) return std::cout << line.config << ": good\n", 0;
  if (!line.digest) return serve(*settings);
  open_daemon_log(settings->log, "postern-portal");
  forbid_core_dumps();
  ::signal(SIGPIPE, SIG_IGN);
  return send_digests(*settings, line.digests);
}

}  // namespace postern
