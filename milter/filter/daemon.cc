// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/daemon.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "base/core_dumps.h"
#include "base/log.h"
#include "base/strings.h"
#include "config.h"
#include "filter/callbacks.h"
#include "filter/connection.h"
#include "filter/detach.h"
#include "filter/inherited.h"
#include "filter/listener.h"
#include "filter/metrics.h"
#include "filter/metrics_server.h"
#include "filter/notify.h"
#include "filter/signals.h"
#include "filter/startup.h"
#include "filter/successor.h"
#include "judge/inspect_options.h"
#include "store/store_options.h"

namespace postern {
namespace {

constexpr const char* kProgram = "postern-milter";
constexpr Millis kIdleGrace{1000};       // for connections between two messages: their MTA tries again elsewhere
constexpr Millis kMessageGrace{10'000};  // for messages in hand
constexpr Millis kFlushGrace{2000};      // for records not yet written
constexpr Millis kSuccessorStart{60'000};  // for a successor to serve
constexpr Millis kSessionGrace{600'000};   // for sessions after a handover
constexpr Millis kNap{20};
constexpr Millis kForever{3'600'000};

class Daemon {
 public:
  explicit Daemon(const DaemonOptions& options) : options_(options) {}

  Status start(const Settings& settings);
  // Until the end is asked for, or a successor has taken over (true).
  bool serve();
  int stop(bool succeeded);

 private:
  void run_libmilter();
  void reload();
  void announce() const;
  void describe();
  bool upgrade();
  bool drain() const;
  void wait_for_sessions() const;
  void start_metrics(const Settings& settings);

  DaemonOptions options_;
  const std::string program_ = own_program();
  Judge judge_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Inspector> inspector_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
};

Status Daemon::start(const Settings& settings) {
  use_little_memory();
  judge_.settings = std::make_shared<const Settings>(settings);
  if (smfi_register(describe_filter(judge_)) != MI_SUCCESS) return unavailable("libmilter: smfi_register() failed");
  auto listener = Listener::open(settings.listen);
  if (!listener) return listener.error();
  listener_ = std::make_unique<Listener>(std::move(*listener));
  auto store = open_store(store_options(settings));
  if (!store) return store.error();
  store_ = std::move(*store);
  auto inspector = start_inspector(inspect_options(settings));
  if (!inspector) return inspector.error();
  inspector_ = std::move(*inspector);
  judge_.store = store_.get();
  judge_.inspector = inspector_.get();
  listener_->keep_with_manager();
  start_metrics(settings);
  std::thread([this] { run_libmilter(); }).detach();
  announce();
  warn_of_exposed_secrets(options_.config, settings);
  describe();
  return Nothing{};
}

// After the listener, which takes the process' only listening socket for libmilter's.
void Daemon::start_metrics(const Settings& settings) {
  if (settings.metrics_listen.empty()) return;
  metrics_ = std::make_unique<Metrics>(judge_);
  judge_.meter = metrics_.get();
  metrics_server_ = std::make_unique<MetricsServer>(settings.metrics_listen, [this] { return metrics_->text(); });
}

void Daemon::run_libmilter() {
  block_all_signals();
  const int result = smfi_main();
  if (stopping_) return;
  if (result != MI_SUCCESS) {
    failed_ = true;
    log(LogLevel::kError, "libmilter stopped by itself; it says why in syslog");
  }
  request_stop();
}

void Daemon::announce() const {
  const SettingsPtr settings = judge_.settings.load();
  const TablesPtr tables = store_->tables();
  LogLine line("started");
  line.add("version", PACKAGE_VERSION)
      .add("listen", settings->listen)
      .add("mode", settings->mode == Mode::kMonitor ? "monitor" : "enforce")
      .add("socket", listener_->inherited() ? "inherited" : "new")
      .add("store", store_->health().description)
      .add("networks", tables->networks.size())
      .add("rules", tables->rules.rows().size())
      .add("domains", tables->domains.size())
      .add("generation", tables->generation)
      .add("digest", tables->digest);
  log(LogLevel::kInfo, line);
}

// What `postern status` shows of this node beyond the tables.
void Daemon::describe() {
  const SettingsPtr settings = judge_.settings.load();
  for (const char* name : {"mode", "gate", "gate-stage"}) store_->describe(name, setting_text(*settings, name));
}

bool Daemon::serve() {
  const auto watchdog = watchdog_interval();
  for (;;) {
    switch (next_event(watchdog.value_or(kForever))) {
      case Event::kNone:
        break;
      case Event::kReload:
        reload();
        break;
      case Event::kUpgrade:
        if (upgrade()) return true;
        break;
      case Event::kStop:
        return false;
    }
    if (watchdog) notify_manager("WATCHDOG=1");
  }
}

// Starts the program that lies at our place now; when it serves, the manager is told whom to watch.
bool Daemon::upgrade() {
  std::vector<std::string> arguments{"-f", "-c", options_.config};
  if (!options_.listen.empty()) arguments.insert(arguments.end(), {"--listen", options_.listen});
  if (!options_.pid_file.empty()) arguments.insert(arguments.end(), {"--pid-file", options_.pid_file});
  const auto watchdog = watchdog_interval();
  const auto successor = start_successor(program_, arguments, listener_->fd(), kSuccessorStart, [&watchdog] {
    if (watchdog) notify_manager("WATCHDOG=1");
  });
  if (!successor) {
    log(LogLevel::kError, "upgrade: this process goes on: " + successor.error().text);
    return false;
  }
  notify_manager("MAINPID=" + std::to_string(*successor));
  LogLine line("handed-over");
  line.add("successor", static_cast<uint64_t>(*successor))
      .add("connections", static_cast<uint64_t>(traffic().connections.load()));
  log(LogLevel::kInfo, line);
  return true;
}

void Daemon::reload() {
  notify_reloading();
  const SettingsPtr running = judge_.settings.load();
  if (auto wanted = daemon_settings(options_); !wanted) {
    log(LogLevel::kError, "reload: the old settings stay in force: " + wanted.error().text);
  } else {
    for (const std::string& name : fixed_changes(*running, *wanted)) {
      log(LogLevel::kWarning,
          "reload: " + name + " can only be changed by a restart; still " + printable(shown_text(*running, name)));
    }
    judge_.settings = std::make_shared<const Settings>(keep_fixed(*running, std::move(*wanted)));
  }
  if (const Status status = store_->reload(); !status) {
    log(LogLevel::kError, "reload: the old tables stay in force: " + status.error().text);
  }
  warn_of_exposed_secrets(options_.config, *judge_.settings.load());
  describe();
  const TablesPtr tables = store_->tables();
  LogLine line("reloaded");
  line.add("networks", tables->networks.size())
      .add("rules", tables->rules.rows().size())
      .add("domains", tables->domains.size())
      .add("generation", tables->generation)
      .add("digest", tables->digest);
  log(LogLevel::kInfo, line);
  notify_manager("READY=1");
}

// After a handover nothing hurries: sessions last until their MTA ends them, unless the end is asked for.
void Daemon::wait_for_sessions() const {
  const Deadline last = Deadline::after(kSessionGrace);
  while (traffic().connections > 0 && !last.passed() && next_event(kNap) != Event::kStop) continue;
}

// Waits for what is in hand; true when every connection is closed.
bool Daemon::drain() const {
  const Deadline idle = Deadline::after(kIdleGrace);
  const Deadline last = Deadline::after(kMessageGrace);
  while (traffic().connections > 0 && !last.passed()) {
    if (traffic().messages == 0 && idle.passed()) break;
    std::this_thread::sleep_for(kNap);
  }
  return traffic().connections == 0;
}

int Daemon::stop(bool succeeded) {
  stopping_ = true;
  listener_->release(succeeded);
  metrics_server_.reset();
  if (succeeded) {
    wait_for_sessions();
  } else {
    notify_manager("STOPPING=1");
  }
  const bool quiet = drain();
  LogLine line("stopped");
  line.add("connections-cut", static_cast<uint64_t>(traffic().connections.load()))
      .add("messages-cut", static_cast<uint64_t>(traffic().messages.load()));
  if (!store_->flush(Deadline::after(kFlushGrace))) line.reason("some tracking records were not written");
  log(LogLevel::kInfo, line);
  if (quiet) {
    inspector_.reset();
    store_.reset();
  }
  return failed_ ? 1 : 0;
}

int complain(const Error& error) {
  std::cerr << kProgram << ": " << error.text << std::endl;
  return 1;
}

int serve_until_stopped(Daemon& daemon, Detached& detached, const DaemonOptions& options, const Settings& settings) {
  if (const Status started = daemon.start(settings); !started) return complain(started.error());
  if (const Status written = write_pid_file(options.pid_file); !written) return complain(written.error());
  detached.ready();
  tell_predecessor();
  notify_manager("READY=1\nSTATUS=listening on " + settings.listen);
  const bool succeeded = daemon.serve();
  const int status = daemon.stop(succeeded);
  if (!options.pid_file.empty() && !succeeded) ::unlink(options.pid_file.c_str());
  return status;
}

}  // namespace

Result<Settings> daemon_settings(const DaemonOptions& options) {
  auto settings = load_settings(options.config);
  if (!settings) return settings.error();
  if (!options.listen.empty()) settings->listen = options.listen;
  if (const Status listen = check_listen(settings->listen); !listen) return listen.error();
  if (!options.foreground && settings->log == "stderr") {
    return invalid(options.config + ": log = \"stderr\" needs -f: without it nobody sees stderr");
  }
  return settings;
}

Status check_daemon(const DaemonOptions& options) {
  const auto settings = daemon_settings(options);
  if (!settings) return settings.error();
  const std::string inspector = find_inspector();
  if (::access(inspector.c_str(), X_OK) != 0) return not_found(inspector + ": cannot be run");
  return Nothing{};
}

int run_daemon(const DaemonOptions& given) {
  DaemonOptions options = given;
  options.config = std::filesystem::absolute(given.config);  // a reload reads it from the root directory
  const auto settings = daemon_settings(options);
  if (!settings) return complain(settings.error());
  open_daemon_log(settings->log, kProgram);
  forbid_core_dumps();
  Detached detached;
  if (!options.foreground) {
    auto away = Detached::fork_away();
    if (!away) return complain(away.error());
    detached = std::move(*away);
  }
  if (const Status watched = watch_signals(); !watched) return complain(watched.error());
  // Never destroyed: libmilter's threads cannot be joined, and may look at it until the process ends.
  auto& daemon = *new Daemon(options);
  const int status = serve_until_stopped(daemon, detached, options, *settings);
  std::fflush(nullptr);
  std::_Exit(status);
}

}  // namespace postern
