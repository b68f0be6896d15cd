// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "base/fd.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

namespace postern {
namespace {

Error failed(const std::string& step, int fault) {
  return unavailable("the inspector cannot close its jail: " + step + ": " + std::strerror(fault));
}

// Freely allowed: they act on this process' own memory and time only.
constexpr std::array kAllowed{
    SCMP_SYS(munmap),         SCMP_SYS(brk),           SCMP_SYS(mremap),          SCMP_SYS(madvise),
    SCMP_SYS(futex),          SCMP_SYS(exit),          SCMP_SYS(exit_group),      SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),    SCMP_SYS(time),
    SCMP_SYS(getrandom),      SCMP_SYS(close),         SCMP_SYS(restart_syscall), SCMP_SYS(getpid),
    SCMP_SYS(gettid),         SCMP_SYS(sched_yield),   SCMP_SYS(sysinfo),
};

// Answered with an error: libraries call them and cope (fontconfig, iconv, stdio, qsort).
constexpr std::array kDenied{
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(statfs),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(lseek),
    SCMP_SYS(ioctl),
    SCMP_SYS(fcntl),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(uname),
    SCMP_SYS(getrusage),
    SCMP_SYS(prlimit64),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getdents64),
    SCMP_SYS(prctl),
};

#ifdef POSTERN_SANITIZED
// The sanitizers' run time manages signal stacks and maps of its own and prints its report.
constexpr std::array kSanitizer{SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction), SCMP_SYS(mincore)};
#endif

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

// Adds all rules; returns 0 or a negative errno as libseccomp does.
int add_rules(scmp_filter_ctx filter) {
  int fault = 0;
  const auto add = [&](int result) { fault = fault != 0 ? fault : result; };
  add(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2));  // a tree, not a list, of comparisons
  add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(read), 1, SCMP_A0_32(SCMP_CMP_EQ, kJailChannel)));
  add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, SCMP_A0_32(SCMP_CMP_LE, kJailChannel)));
  add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(writev), 1, SCMP_A0_32(SCMP_CMP_LE, kJailChannel)));
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)));
  }
  // abort() shows as SIGABRT.
  const auto self = static_cast<uint32_t>(getpid());
  add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0_32(SCMP_CMP_EQ, self)));
  for (const int call : kAllowed) add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0));
#ifdef POSTERN_SANITIZED
  for (const int call : kSanitizer) add(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0));
#endif
  for (const int call : kDenied) add(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), call, 0));
  return fault;
}

Status close_system_calls() {
  // Sets no_new_privs by itself, so that no privilege is needed.
  const Filter filter(seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  if (!filter) return failed("seccomp_init", ENOMEM);
  if (const int fault = add_rules(filter.get()); fault < 0) return failed("seccomp_rule_add", -fault);
  if (const int fault = seccomp_load(filter.get()); fault < 0) return failed("seccomp_load", -fault);
  return Nothing{};
}

Status limit(__rlimit_resource what, const char* name, uint64_t value) {
  const rlimit wanted{value, value};
  if (setrlimit(what, &wanted) != 0) return failed(std::string("setrlimit ") + name, errno);
  return Nothing{};
}

#ifndef POSTERN_SANITIZED
// Bytes of address space in use, 0 if /proc is not there.
uint64_t mapped_bytes() {
  unsigned long pages = 0;
  FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  if (std::fscanf(file, "%lu", &pages) != 1) pages = 0;
  std::fclose(file);
  return static_cast<uint64_t>(pages) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}
#endif

Status limit_resources(const JailLimits& limits) {
  struct Row {
    __rlimit_resource what;
    const char* name;
    uint64_t value;
  };
  for (const Row& row :
       {Row{RLIMIT_CORE, "RLIMIT_CORE", 0}, Row{RLIMIT_FSIZE, "RLIMIT_FSIZE", 0},
        Row{RLIMIT_NOFILE, "RLIMIT_NOFILE", 0}, Row{RLIMIT_NPROC, "RLIMIT_NPROC", 0},
        Row{RLIMIT_MEMLOCK, "RLIMIT_MEMLOCK", 0}, Row{RLIMIT_CPU, "RLIMIT_CPU", limits.cpu_seconds}}) {
    if (Status done = limit(row.what, row.name, row.value); !done) return done;
  }
  return Nothing{};
}

// Standard streams lead nowhere, so that no library can write into a file that stands there (RLIMIT_FSIZE would
// end it), and nothing but the channel stays open.
Status close_files() {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return failed("open /dev/null", errno);
#ifdef POSTERN_SANITIZED
  constexpr int kLast = 1;  // a sanitizer reports on standard error
#else
  constexpr int kLast = 2;
#endif
  for (int fd = 0; fd <= kLast; ++fd) {
    if (::dup2(null.get(), fd) < 0) return failed("dup2", errno);
  }
  return Nothing{};
}

void close_the_rest() {
  if (::syscall(SYS_close_range, kJailChannel + 1, ~0U, 0) == 0) return;
  const long most = sysconf(_SC_OPEN_MAX);  // kernels before 5.9
  for (int fd = kJailChannel + 1; fd < (most < 0 || most > 65536 ? 65536 : most); ++fd) ::close(fd);
}

}  // namespace

Status enter_jail(const JailLimits& limits) {
  const pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return failed("prctl PR_SET_PDEATHSIG", errno);
  if (getppid() != parent) return failed("the daemon is gone", ESRCH);
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return failed("prctl PR_SET_DUMPABLE", errno);
  if (Status done = close_files(); !done) return done;
  close_the_rest();
#ifndef POSTERN_SANITIZED  // AddressSanitizer maps terabytes
  const uint64_t mapped = mapped_bytes();
  if (mapped == 0) return failed("/proc/self/statm", ENOENT);
  if (Status done = limit(RLIMIT_AS, "RLIMIT_AS", mapped + limits.memory); !done) return done;
#endif
  if (Status done = limit_resources(limits); !done) return done;
  return close_system_calls();
}

}  // namespace postern
