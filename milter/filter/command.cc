// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/command.h"

#include <getopt.h>

#include <iostream>

#include "config.h"
#include "filter/daemon.h"

namespace postern {
namespace {

constexpr const char* kUsage =
    "usage: postern-milter [-c FILE] [-f] [-t] [--listen ADDRESS] [--pid-file FILE] [--version]\n"
    "  -c, --config FILE   settings (default " POSTERN_SYSCONFDIR
    "/postern.toml)\n"
    "  -f, --foreground    stay in the foreground\n"
    "  -t, --test          check the settings and exit\n"
    "  -l, --listen ADDR   inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH; overrides the setting\n"
    "  -p, --pid-file FILE write the process ID there\n"
    "  -V, --version       print the version\n";

constexpr option kOptions[] = {
    {"config", required_argument, nullptr, 'c'},   {"foreground", no_argument, nullptr, 'f'},
    {"test", no_argument, nullptr, 't'},           {"listen", required_argument, nullptr, 'l'},
    {"pid-file", required_argument, nullptr, 'p'}, {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},           {nullptr, 0, nullptr, 0}};

}  // namespace

int run_command(int argc, char** argv) {
  DaemonOptions options;
  options.config = POSTERN_SYSCONFDIR "/postern.toml";
  bool test = false;
  for (int c = 0; (c = getopt_long(argc, argv, "c:ftl:p:Vh", kOptions, nullptr)) != -1;) {
    switch (c) {
      case 'c':
        options.config = optarg;
        break;
      case 'f':
        options.foreground = true;
        break;
      case 't':
        test = true;
        break;
      case 'l':
        options.listen = optarg;
        break;
      case 'p':
        options.pid_file = optarg;
        break;
      case 'V':
        std::cout << "postern-milter " PACKAGE_VERSION "\n";
        return 0;
      case 'h':
        std::cout << kUsage;
        return 0;
      default:
        std::cerr << kUsage;
        return 2;
    }
  }
  if (optind < argc) return std::cerr << "postern-milter: unexpected \"" << argv[optind] << "\"\n" << kUsage, 2;
  if (!test) return run_daemon(options);
  const Status status = check_daemon(options);
  if (!status) return std::cerr << "postern-milter: " << status.error().text << "\n", 1;
  return std::cout << options.config << ": good\n", 0;
}

}  // namespace postern
