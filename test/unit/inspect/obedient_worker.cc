// SPDX-License-Identifier: GPL-2.0-or-later
// A worker for the tests of the jail and the pool: the real run_worker(), but instead of examining the message it
// does what the message says ("Do: open"), as code that has been taken over would.  Never installed.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "inspect/record.h"
#include "inspect/worker.h"

namespace {

using postern::BodyFacts;
using postern::InspectRequest;
using postern::Progress;

// The result of a system call as text: "ok", or its error.
std::string said(long result) { return result >= 0 ? "ok" : std::strerror(errno); }

// What a worker sends ahead of its facts where a thumbnail was asked for: two pixels, whatever the sides are said to
// be.
std::string send_picture(unsigned width, unsigned height) {
  const postern::GreyPicture picture{width, height, "\x01\xfe"};
  const std::string frame =
      postern::answer_frame(postern::AnswerFrame::Kind::kThumbnail, postern::encode_thumbnail(picture));
  return said(::write(3, frame.data(), frame.size()));
}

void spin(int64_t millis) {
  const int64_t end = postern::steady_micros() + millis * 1000;
  while (postern::steady_micros() < end) {
  }
}

std::string run_code() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? std::strerror(errno) : "ok";
}

// Address space is what is limited; touching the pages would only take time.
std::string eat_memory() {
  std::vector<std::unique_ptr<char[]>> eaten;
  try {
    for (int i = 0; i < 64; ++i) eaten.emplace_back(new char[16 << 20]);
  } catch (const std::bad_alloc&) {
    return "stopped after " + std::to_string(eaten.size() * 16) + " MiB";
  }
  return "ok";
}

std::string flood() {
  const std::string garbage(1 << 20, 'A');
  while (::write(3, garbage.data(), garbage.size()) > 0) {
  }
  return "ok";
}

std::string run(const char* program) {
  char* const arguments[] = {const_cast<char*>(program), nullptr};
  return said(::execv(program, arguments));
}

const std::map<std::string, std::function<std::string()>> kOrders{
    {"nothing", [] { return std::string("done"); }},
    {"pid", [] { return std::to_string(::getpid()); }},
    {"open", [] { return said(::open("/etc/passwd", O_RDONLY)); }},
    {"create", [] { return said(::open("postern-test-file", O_WRONLY | O_CREAT, 0600)); }},
    {"proc", [] { return said(::open("/proc/self/environ", O_RDONLY)); }},
    {"unlink", [] { return said(::unlink("/nonexistent/file")); }},
    {"mkdir", [] { return said(::mkdir("/nonexistent/folder", 0700)); }},
    {"socket", [] { return said(::socket(AF_INET, SOCK_STREAM, 0)); }},
    {"pair",
     [] {
       int fds[2];
       return said(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
     }},
    {"connect",
     [] {
       const sockaddr any{};
       return said(::connect(3, &any, sizeof any));
     }},
    {"receive",
     [] {
       msghdr none{};
       return said(::recvmsg(3, &none, MSG_DONTWAIT));
     }},
    {"fork", [] { return said(::fork()); }},
    {"thread", [] { return said(::syscall(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0)); }},
    {"exec", [] { return run("/bin/true"); }},
    {"kill", [] { return said(::kill(::getppid(), 0)); }},
    {"ptrace", [] { return said(::ptrace(PTRACE_ATTACH, 1, nullptr, nullptr)); }},
    {"memory-of-others", [] { return said(::process_vm_readv(1, nullptr, 0, nullptr, 0, 0)); }},
    {"code", run_code},
    {"unlimit", [] { return said(::nice(-10)); }},
    {"memory", eat_memory},
    {"flood", flood},
    {"trap", []() -> std::string { __builtin_trap(); }},
    {"abort", []() -> std::string { std::abort(); }},
    {"hang",
     []() -> std::string {
       for (;;) spin(1000);
     }},
    {"picture", [] { return send_picture(2, 1); }},
    {"lying-picture", [] { return send_picture(2, 2); }},
    {"two-pictures", [] { return send_picture(2, 1) + send_picture(2, 1); }},
    {"garbage", [] { return said(::write(3, "garbage and more", 16)); }},
};

// "spin 300": works that long.  "interim ORDER": says text "interim" first.
BodyFacts obey(const InspectRequest& request, const Progress& progress) {
  BodyFacts facts;
  facts.inspected = true;
  facts.truncated = request.truncated;
  facts.visible_chars = request.body.size();
  facts.pdf_count = std::hash<std::string_view>()(request.body);
  facts.parts = static_cast<uint64_t>(request.time_limit.count());
  std::string order(postern::trim(std::string_view(request.header).substr(4)));
  if (order.starts_with("interim ")) {
    facts.text = "interim";
    progress(facts);
    order.erase(0, 8);
  }
  if (order.starts_with("spin ")) {
    spin(std::atol(order.c_str() + 5));
    facts.text = std::to_string(::getpid());
  } else {
    facts.text = kOrders.at(order)();
  }
  return facts;
}

}  // namespace

int main(int argc, char** argv) { std::_Exit(postern::run_worker(argc, argv, obey)); }
