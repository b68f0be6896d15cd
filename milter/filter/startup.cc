// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/startup.h"

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

#include <fstream>
#include <string_view>

#include "base/log.h"
#include "store/exposed.h"

namespace postern {

void open_daemon_log(const std::string& target, const char* program) {
  constexpr size_t kJournal = std::string_view("journal:").size();
  if (target == "stderr") return open_log(LogTarget::kStderr, program);
  if (target == "syslog") return open_log(LogTarget::kSyslog, program);
  open_log(LogTarget::kJournal, program, LogLevel::kInfo,
           target.size() > kJournal ? std::string_view(target).substr(kJournal) : kJournalSocket);
}

void warn_of_exposed_secrets(const std::string& config, const Settings& settings) {
  for (const std::string& each : exposed_secrets(config, settings)) log(LogLevel::kWarning, each);
}

void use_little_memory() {
  // Otherwise there is a heap for each of many threads, and it keeps the room of the largest message it ever held.
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_MMAP_THRESHOLD, 2 << 20);
  mallopt(M_TRIM_THRESHOLD, 2 << 20);
  constexpr size_t kStack = 1 << 20;
  pthread_attr_t attributes{};
  if (pthread_attr_init(&attributes) != 0) return;
  if (pthread_attr_setstacksize(&attributes, kStack) == 0) pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

Status write_pid_file(const std::string& path) {
  if (path.empty()) return Nothing{};
  std::ofstream out(path, std::ios::trunc);
  out << ::getpid() << "\n";
  out.close();
  return out ? Status(Nothing{}) : Status(unavailable(path + ": cannot be written"));
}

}  // namespace postern
