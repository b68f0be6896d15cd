// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/worker_spawn.h"

namespace postern {
namespace {

constexpr int kSocketBuffer = 1 << 20;
constexpr size_t kReceive = 16 << 10;
constexpr unsigned kMaxInterim = 256;  // interim records of one message

bool is_last(AnswerFrame::Kind kind) {
  return kind == AnswerFrame::Kind::kFacts || kind == AnswerFrame::Kind::kLastFacts;
}

// The same file by a descriptor that the worker's own do not replace while it starts.
Fd beyond_workers(Fd file) {
  if (file.get() > kWorkerWindow) return file;
  return Fd(::fcntl(file.get(), F_DUPFD_CLOEXEC, kWorkerWindow + 1));
}

// Keeps the thumbnail that is wanted; one answer has one.
Status keep_thumbnail(std::string_view payload, GreyPicture*& wanted) {
  Result<GreyPicture> picture = decode_thumbnail(payload);
  if (!picture) return picture.error();
  *std::exchange(wanted, nullptr) = std::move(picture).value();
  return Nothing{};
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const Fd& program, const std::string& path,
                                                            uint64_t memory) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return unavailable(std::string("no socket pair for an inspector: ") + std::strerror(errno));
  }
  Fd ours(pair[0]);
  const Fd theirs = beyond_workers(Fd(pair[1]));
  Result<Fd> file = RequestWindow::make_file();
  if (!file) return file.error();
  const Fd shared = beyond_workers(std::move(file).value());
  Result<RequestWindow> window = RequestWindow::map(shared.get(), true);
  if (!window) return window.error();
  for (const int fd : {ours.get(), theirs.get()}) {
    ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &kSocketBuffer, sizeof kSocketBuffer);
  }
  pid_t pid = -1;
  if (const int fault = spawn_worker(&pid, program.get(), path, memory, theirs.get(), shared.get()); fault != 0) {
    return unavailable("cannot run " + path + ": " + std::strerror(fault));
  }
  return std::unique_ptr<WorkerProcess>(new WorkerProcess(std::move(ours), std::move(window).value(), pid));
}

WorkerProcess::WorkerProcess(Fd channel, RequestWindow window, pid_t pid)
    : channel_(std::move(channel)), window_(std::move(window)), pid_(pid), buffer_(kReceive) {}

WorkerProcess::~WorkerProcess() {
  kill();
  reap();
}

void WorkerProcess::kill() {
  if (!reaped_) ::kill(pid_, SIGKILL);
}

void WorkerProcess::renice() {
  if (!reaped_) ::setpriority(PRIO_PROCESS, static_cast<id_t>(pid_), 19);
}

std::optional<std::string> WorkerProcess::reap(int options) {
  if (reaped_) return "an earlier end";
  int status = 0;
  pid_t found = 0;
  do {
    found = ::waitpid(pid_, &status, options);
  } while (found < 0 && errno == EINTR);
  if (found == 0) return std::nullopt;
  reaped_ = true;
  if (found < 0) return "an unknown end";  // somebody else waited for it, or SIGCHLD is ignored
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return "signal " + std::to_string(WTERMSIG(status)) + (name != nullptr ? std::string(" (SIG") + name + ")" : "");
  }
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

std::string WorkerProcess::reap() { return *reap(0); }

std::optional<std::string> WorkerProcess::try_reap() { return reap(WNOHANG); }

WorkerProcess::Wait WorkerProcess::wait_for(short events, Deadline deadline) const {
  for (;;) {
    pollfd entry{channel_.get(), events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(deadline.left().count()));
    if (ready > 0) return (entry.revents & events) != 0 ? Wait::kReady : Wait::kClosed;
    if (ready == 0) return Wait::kLate;
    if (errno != EINTR) return Wait::kClosed;
  }
}

WorkerProcess::Wait WorkerProcess::receive(Deadline deadline) {
  if (const Wait wait = wait_for(POLLIN, deadline); wait != Wait::kReady) return wait;
  if (used_ == buffer_.size()) buffer_.resize(2 * used_);  // parse_answer() bounds what is waited for
  ssize_t got = 0;
  do {
    got = ::recv(channel_.get(), buffer_.data() + used_, buffer_.size() - used_, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got > 0) used_ += static_cast<size_t>(got);
  return got > 0 || (got < 0 && errno == EAGAIN) ? Wait::kReady : Wait::kClosed;
}

void WorkerProcess::take(size_t bytes) {
  std::memmove(buffer_.data(), buffer_.data() + bytes, used_ - bytes);
  used_ -= bytes;
}

Status WorkerProcess::wait_ready(Deadline deadline) {
  for (;;) {
    const auto answer = parse_answer(received());
    if (!answer) return unavailable("the inspector says nonsense: " + answer.error().text);
    if (*answer) {
      const std::string payload((*answer)->payload);
      const auto kind = (*answer)->kind;
      take((*answer)->consumed);
      uint64_t digest = record_digest();
      if (kind == AnswerFrame::Kind::kFault) return unavailable(payload);
      if (kind == AnswerFrame::Kind::kHello && payload.size() == sizeof digest &&
          std::memcmp(payload.data(), &digest, sizeof digest) == 0) {
        return Nothing{};
      }
      return unavailable("the inspector is of another version than this program");
    }
    const Wait wait = receive(deadline);
    if (wait == Wait::kLate) return timed_out("the inspector did not start in time");
    if (wait == Wait::kClosed) {
      kill();
      return unavailable("the inspector ended at its start: " + reap());
    }
  }
}

bool WorkerProcess::alive() const {
  char byte = 0;
  // An idle worker has nothing to say: data is as wrong as the end.
  return ::recv(channel_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

bool WorkerProcess::send(const InspectRequest& request, Millis limit, Deadline deadline) {
  RequestFrame frame = request_frame(request);
  frame.millis = static_cast<uint32_t>(std::min(deadline.left(), limit).count());
  const std::string_view head(reinterpret_cast<const char*>(&frame), sizeof frame);
  if (!RequestWindow::holds(request.header.size(), request.body.size())) {
    return send_all(head, request.header, request.body, deadline);
  }
  window_.put(request.header, request.body);
  return send_all(head, {}, {}, deadline);
}

bool WorkerProcess::send_all(std::string_view head, std::string_view second, std::string_view third,
                             Deadline deadline) {
  const auto piece = [](std::string_view bytes) { return iovec{const_cast<char*>(bytes.data()), bytes.size()}; };
  std::array<iovec, 3> parts{piece(head), piece(second), piece(third)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  while (message.msg_iovlen > 0) {
    const ssize_t sent = ::sendmsg(channel_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN && wait_for(POLLOUT, deadline) == Wait::kReady) continue;
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    auto left_over = static_cast<size_t>(sent);
    while (message.msg_iovlen > 0 && left_over >= message.msg_iov->iov_len) {
      left_over -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen == 0) break;
    message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + left_over;
    message.msg_iov->iov_len -= left_over;
  }
  return true;
}

WorkerProcess::Reply WorkerProcess::ask(const InspectRequest& request, Millis limit, Deadline deadline) {
  used_ = 0;
  if (!send(request, limit, deadline)) {
    Reply reply;
    reply.outcome = deadline.passed() ? Outcome::kLate : Outcome::kDied;
    return reply;
  }
  return read_reply(request, deadline);
}

// The worker has looked at all but the pixels of pictures.  Until it has answered, those that it is to decode stand for
// a PDF whose reading takes too long.
bool WorkerProcess::answer_ask(const InspectRequest& request, BodyFacts& facts, Deadline deadline) {
  const std::vector<bool> chosen = request.choose(facts);
  size_t picture = 0;
  for (PdfFacts& pdf : facts.pdfs) {
    for (size_t i = 0; i < pdf.images.size(); ++i, ++picture) {
      pdf.timeout = pdf.timeout || (picture < chosen.size() && chosen[picture]);
    }
  }
  return send_all(choice_frame(chosen), {}, {}, deadline);
}

bool WorkerProcess::nonsense(Reply& reply, std::string fault) {
  reply.outcome = Outcome::kNonsense;
  reply.fault = std::move(fault);
  return true;
}

// True when it was the last one.
bool WorkerProcess::take_answer(const Answer& got, const InspectRequest& request, Progress& progress, Reply& reply,
                                Deadline deadline) {
  if (got.kind == AnswerFrame::Kind::kThumbnail && progress.thumbnail != nullptr) {
    if (const Status kept = keep_thumbnail(got.payload, progress.thumbnail); !kept) {
      return nonsense(reply, kept.error().text);
    }
    take(got.consumed);
    return false;
  }
  const bool last = is_last(got.kind);
  const bool asks = got.kind == AnswerFrame::Kind::kAsk && request.choose && !progress.asked;
  if (!last && !asks && (got.kind != AnswerFrame::Kind::kInterim || ++progress.interim > kMaxInterim)) {
    return nonsense(reply, "answer of a kind that does not belong here");
  }
  Result<BodyFacts> facts = decode_facts(got.payload);
  if (!facts) return nonsense(reply, facts.error().text);
  reply.facts = std::move(facts).value();
  if (last && got.consumed != used_) return nonsense(reply, "answer has bytes after its end");
  const bool whole = got.kind == AnswerFrame::Kind::kFacts;
  take(got.consumed);
  if (last) reply.outcome = whole ? Outcome::kAnswered : Outcome::kRetiring;
  if (!asks) return last;
  progress.asked = true;
  return !answer_ask(request, *reply.facts, deadline);
}

WorkerProcess::Reply WorkerProcess::read_reply(const InspectRequest& request, Deadline deadline) {
  Reply reply;
  Progress progress{request.thumbnail};
  for (;;) {
    const auto answer = parse_answer(received());
    if (!answer) {
      nonsense(reply, answer.error().text);
      return reply;
    }
    if (*answer) {
      if (take_answer(**answer, request, progress, reply, deadline)) return reply;
      continue;
    }
    const Wait wait = receive(deadline);
    if (wait == Wait::kReady) continue;
    if (wait == Wait::kLate) reply.outcome = Outcome::kLate;
    return reply;
  }
}

}  // namespace postern
