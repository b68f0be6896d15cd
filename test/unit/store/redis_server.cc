// SPDX-License-Identifier: GPL-2.0-or-later
#include "redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "store/redis_connection.h"

extern char** environ;

namespace postern::test {
namespace {

int free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

std::string find_program() {
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "/usr/bin:/bin" : path;
  rest += ":/usr/sbin:/usr/local/bin";
  for (size_t start = 0; start < rest.size();) {
    const size_t end = std::min(rest.find(':', start), rest.size());
    const std::string candidate = rest.substr(start, end - start) + "/redis-server";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    start = end + 1;
  }
  return {};
}

std::string show(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type == REDIS_REPLY_ERROR) return std::string(reply.str, reply.len);
  if (reply.type != REDIS_REPLY_ARRAY) return std::string(text_of(reply));
  std::string out;
  for (const redisReply* each : elements_of(reply)) out += (out.empty() ? "" : "\n") + show(*each);
  return out;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base == nullptr ? "/tmp" : base) + "/postern-test-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void TemporaryDirectory::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name)) << text;
}

bool RedisServer::installed() { return !find_program().empty(); }

RedisServer::RedisServer(std::vector<std::string> more) : more_(std::move(more)), port_(free_port()) { start(); }

RedisServer::~RedisServer() { stop(); }

RedisServer::RedisServer(AsSentinel of) : config_(directory_.path("sentinel.conf")), port_(free_port()) {
  directory_.write("sentinel.conf", "port " + std::to_string(port_) + "\nbind 127.0.0.1\ndir " + directory_.path() +
                                        "\nlogfile " + directory_.path("log") + "\nsentinel monitor main 127.0.0.1 " +
                                        std::to_string(of.master_port) +
                                        " 1\nsentinel down-after-milliseconds main 1000\n"
                                        "sentinel failover-timeout main 5000\n");
  start();
}

std::unique_ptr<RedisServer> RedisServer::sentinel(int master_port) {
  return std::unique_ptr<RedisServer>(new RedisServer(AsSentinel{master_port}));
}

void RedisServer::start() {
  std::vector<std::string> words{find_program()};
  if (!config_.empty()) {
    words.insert(words.end(), {config_, "--sentinel"});
  } else {
    words.insert(words.end(), {"--port", std::to_string(port_), "--bind", "127.0.0.1", "--unixsocket", socket(),
                               "--dir", directory_.path(), "--save", "", "--logfile", directory_.path("log")});
  }
  words.insert(words.end(), more_.begin(), more_.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ) != 0) {
    throw std::runtime_error("cannot start redis-server");
  }
  if (!eventually([this] { return run("PING") == "PONG"; })) throw std::runtime_error("redis-server does not answer");
}

void RedisServer::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::pause(bool on) { ::kill(pid_, on ? SIGSTOP : SIGCONT); }

std::string RedisServer::run(const std::string& command) {
  std::vector<std::string> words;
  for (size_t start = 0; start <= command.size();) {
    const size_t end = std::min(command.find(' ', start), command.size());
    words.push_back(command.substr(start, end - start));
    start = end + 1;
  }
  return run(words);
}

std::string RedisServer::run(const std::vector<std::string>& words) {
  const Deadline deadline = Deadline::after(Millis(3000));
  auto connection = RedisConnection::open({"127.0.0.1", port_, ""}, RedisUrl(), nullptr, deadline);
  if (!connection.ok()) return connection.error().text;
  const auto replies = connection.value()->run(std::span(&words, 1), deadline);
  return replies.ok() ? show(*replies->front()) : replies.error().text;
}

}  // namespace postern::test
