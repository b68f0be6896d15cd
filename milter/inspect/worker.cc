// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/worker.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "inspect/record.h"
#include "inspect/sandbox.h"
#include "inspect/window.h"
#include "inspect/worker_spawn.h"

namespace postern {
namespace {

// A worker that has worked this much makes room for a fresh one, so that nothing grows for ever and whoever might
// have taken it over starts again.  Far below the jail's own limit of processor time.
constexpr unsigned kMessagesPerLife = 20'000;
constexpr long kSecondsPerLife = 600;
constexpr uint32_t kMostPictures = (kMaxPdfs + 1) * kMaxImages;
constexpr size_t kPiece = 256 << 10;
constexpr size_t kKeep = 1 << 20;   // body buffer that is always kept between messages
constexpr unsigned kPatience = 64;  // messages for which a bigger one is kept: mapping pages anew costs more

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(kJailChannel, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return true;
}

bool read_all(char* into, size_t size) {
  while (size > 0) {
    const ssize_t done = ::read(kJailChannel, into, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    into += done;
    size -= static_cast<size_t>(done);
  }
  return true;
}

// Piece by piece, so that the zeros which resize() writes are still in the processor's cache when read() replaces
// them.
bool read_string(std::string& into, size_t size) {
  into.clear();
  into.reserve(size);
  while (into.size() < size) {
    const size_t start = into.size();
    const size_t piece = std::min(kPiece, size - start);
    into.resize(start + piece);
    if (!read_all(into.data() + start, piece)) return false;
  }
  return true;
}

long cpu_seconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec;
}

bool send(AnswerFrame::Kind kind, std::string_view payload) { return write_all(answer_frame(kind, payload)); }

std::string hello() {
  const uint64_t digest = record_digest();
  std::string bytes(sizeof digest, '\0');
  std::memcpy(bytes.data(), &digest, sizeof digest);
  return bytes;
}

// Asks which pictures are to be decoded.  None if the daemon is gone; the next read() says so as well.
std::vector<bool> ask_daemon(const BodyFacts& facts) {
  ChoiceFrame frame;
  char bytes[sizeof frame];
  if (!send(AnswerFrame::Kind::kAsk, encode_facts(facts)) || !read_all(bytes, sizeof bytes)) return {};
  std::memcpy(&frame, bytes, sizeof frame);
  std::string each;
  if (frame.magic != ChoiceFrame::kMagic || frame.size > kMostPictures || !read_string(each, frame.size)) return {};
  return {each.begin(), each.end()};
}

// Reads one request; false when the channel was closed or holds nonsense.
bool receive(const RequestWindow& window, InspectRequest& request, GreyPicture& thumbnail) {
  RequestFrame frame;
  char bytes[sizeof frame];
  if (!read_all(bytes, sizeof bytes)) return false;
  std::memcpy(&frame, bytes, sizeof frame);
  if (!read_request_frame(frame, request, &thumbnail)) return false;
  if (request.choose) request.choose = ask_daemon;
  if (!RequestWindow::holds(frame.header_size, frame.body_size)) {
    return read_string(request.header, frame.header_size) && read_string(request.body, frame.body_size);
  }
  request.header.assign(window.part(0, frame.header_size));
  request.body.assign(window.part(frame.header_size, frame.body_size));
  return true;
}

BodyFacts work(const InspectRequest& request, const Job& job) {
  const auto interim = [](const BodyFacts& facts) { send(AnswerFrame::Kind::kInterim, encode_facts(facts)); };
  try {
    return job(request, interim);
  } catch (const std::bad_alloc&) {  // the job copes with its own; this is the last resort
    BodyFacts facts;
    facts.limited = facts.timeout = true;
    return facts;
  }
}

void serve(const RequestWindow& window, const Job& job) {
  InspectRequest request;
  GreyPicture thumbnail;
  unsigned small = 0;  // messages since a big one
  for (unsigned count = 1; receive(window, request, thumbnail); ++count) {
    const BodyFacts facts = work(request, job);
    if (!thumbnail.empty() && !send(AnswerFrame::Kind::kThumbnail, encode_thumbnail(thumbnail))) return;
    thumbnail = {};
    const bool last = count >= kMessagesPerLife || cpu_seconds() >= kSecondsPerLife;
    if (!send(last ? AnswerFrame::Kind::kLastFacts : AnswerFrame::Kind::kFacts, encode_facts(facts)) || last) return;
    small = request.body.size() > kKeep ? 0 : small + 1;
    if (small >= kPatience && request.body.capacity() > kKeep) std::string().swap(request.body);
  }
}

// Signals that an operator or a terminal sends to the whole group are the daemon's to obey: it still needs its
// workers for the messages in hand.
void prepare_process() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGTSTP}) ::signal(signal, SIG_IGN);
  prctl(PR_SET_NAME, "postern-inspect");
  mallopt(M_MMAP_THRESHOLD, 1 << 20);  // bigger blocks go back to the system at once
  mallopt(M_TRIM_THRESHOLD, 2 << 20);
}

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

int run_worker(int argc, char** argv, const Job& job) {
  const auto memory = argc == 2 ? to_uint(argv[1]) : std::nullopt;
  if (!memory || !is_socket(kJailChannel)) {
    std::fprintf(stderr, "postern-inspect is started by postern-milter and postern; it is not run by hand\n");
    return 64;
  }
  prepare_process();
  const auto refuse = [](const Error& fault) {
    send(AnswerFrame::Kind::kFault, fault.text);
    return 70;
  };
  const Result<RequestWindow> window = RequestWindow::map(kWorkerWindow, false);
  if (!window) return refuse(window.error());
  JailLimits limits;
  limits.memory = *memory;
  if (const Status closed = enter_jail(limits); !closed) return refuse(closed.error());
  if (send(AnswerFrame::Kind::kHello, hello())) serve(*window, job);
  return 0;
}

}  // namespace postern
