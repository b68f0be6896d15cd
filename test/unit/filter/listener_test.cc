// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/listener.h"

#include <cppunit/extensions/HelperMacros.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/fd.h"
#include "filter/inherited.h"

namespace postern {
namespace {

bool starts(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

bool reaches(const sockaddr* address, socklen_t size) {
  const Fd fd(::socket(address->sa_family, SOCK_STREAM, 0));
  return ::connect(fd.get(), address, size) == 0;
}

bool reaches_path(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return reaches(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

bool reaches_port(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return reaches(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int free_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int listening_fd() {
  for (int fd = 0; fd < 1024; ++fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0) return fd;
  }
  return -1;
}

class ListenerTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ListenerTest);
  CPPUNIT_TEST(checks_the_spelling);
  CPPUNIT_TEST(opens_and_releases_a_path);
  CPPUNIT_TEST(gives_the_port_to_a_successor);
  CPPUNIT_TEST(leaves_a_successors_path_alone);
  CPPUNIT_TEST(replaces_a_dead_socket_only);
  CPPUNIT_TEST(hands_its_socket_on);
  CPPUNIT_TEST(takes_no_stranger);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    std::string pattern = "/tmp/listener-test-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    path_ = directory_ + "/socket";
  }

  void tearDown() override {
    for (int fd = listening_fd(); fd >= 0; fd = listening_fd()) ::close(fd);
    std::filesystem::remove_all(directory_);
  }

  void checks_the_spelling() {
    for (const char* good : {"unix:/run/x", "local:/run/x", "inet:10025", "inet:10025@127.0.0.1", "inet6:10025@::1",
                             "inet6:10025@[::1]", "inet:10025@[127.0.0.1]"}) {
      CPPUNIT_ASSERT_MESSAGE(good, check_listen(good).ok());
    }
    for (const char* bad : {"", "unix:", "inet:", "inet:0@127.0.0.1", "inet:70000@127.0.0.1", "inet:x@127.0.0.1",
                            "inet:10025@::1", "fd:3", "/run/x", "inet:10025@256.0.0.1"}) {
      const Status status = check_listen(bad);
      CPPUNIT_ASSERT_MESSAGE(bad, !status.ok());
      CPPUNIT_ASSERT_MESSAGE(status.error().text, starts(status.error().text, "listen address \""));
    }
    CPPUNIT_ASSERT(!check_listen("unix:/" + std::string(200, 'x')).ok());
  }

  void opens_and_releases_a_path() {
    auto listener = Listener::open("unix:" + path_);
    CPPUNIT_ASSERT_MESSAGE(listener ? "" : listener.error().text, listener.ok());
    struct stat status {};
    CPPUNIT_ASSERT_EQUAL(0, ::stat(path_.c_str(), &status));
    CPPUNIT_ASSERT_EQUAL(mode_t{0770}, static_cast<mode_t>(status.st_mode & 0777));
    CPPUNIT_ASSERT(reaches_path(path_));
    const int fd = listening_fd();
    listener->release();
    CPPUNIT_ASSERT(!std::filesystem::exists(path_));
    // What libmilter goes on to poll and accept from: nothing there, for ever, and no error.
    pollfd item{fd, POLLIN, 0};
    CPPUNIT_ASSERT_EQUAL(0, ::poll(&item, 1, 20));
    CPPUNIT_ASSERT_EQUAL(-1, ::accept(fd, nullptr, nullptr));
    CPPUNIT_ASSERT_EQUAL(EAGAIN, errno);
  }

  void gives_the_port_to_a_successor() {
    const int port = free_port();
    const std::string spec = "inet:" + std::to_string(port) + "@127.0.0.1";
    auto listener = Listener::open(spec);
    CPPUNIT_ASSERT_MESSAGE(listener ? "" : listener.error().text, listener.ok());
    CPPUNIT_ASSERT(reaches_port(port));
    const auto taken = Listener::open(spec);
    CPPUNIT_ASSERT(!taken.ok());
    CPPUNIT_ASSERT_MESSAGE(taken.error().text,
                           taken.error().text.find("Address already in use") != std::string::npos);
    listener->release();
    CPPUNIT_ASSERT(!reaches_port(port));
    ::close(listening_fd());  // the unreachable stand-in: the next one must not be taken for it
    CPPUNIT_ASSERT(Listener::open(spec).ok());
    CPPUNIT_ASSERT(reaches_port(port));
  }

  void leaves_a_successors_path_alone() {
    auto listener = Listener::open("unix:" + path_);
    CPPUNIT_ASSERT(listener.ok());
    std::filesystem::remove(path_);
    std::ofstream(path_) << "a successor's";
    listener->release();
    CPPUNIT_ASSERT(std::filesystem::exists(path_));
  }

  void replaces_a_dead_socket_only() {
    std::ofstream(path_) << "precious";
    const auto in_the_way = Listener::open("unix:" + path_);
    CPPUNIT_ASSERT(!in_the_way.ok());
    CPPUNIT_ASSERT(in_the_way.error().text.find("not a socket") != std::string::npos);
    CPPUNIT_ASSERT(std::filesystem::exists(path_));
    std::filesystem::remove(path_);
    CPPUNIT_ASSERT(Listener::open("unix:" + path_).ok());
    const auto second = Listener::open("unix:" + path_);
    CPPUNIT_ASSERT(!second.ok());
    CPPUNIT_ASSERT(second.error().text.find("another process listens there") != std::string::npos);
    ::close(listening_fd());  // a killed daemon leaves its file
    CPPUNIT_ASSERT(std::filesystem::exists(path_));
    CPPUNIT_ASSERT(Listener::open("unix:" + path_).ok());
  }

  void hands_its_socket_on() {
    auto first = Listener::open("unix:" + path_);
    CPPUNIT_ASSERT(first.ok() && !first->inherited());
    const int handed = ::dup(first->fd());
    first->release(true);
    ::close(first->fd());  // the unreachable stand-in
    CPPUNIT_ASSERT_MESSAGE("between the two it must be there", reaches_path(path_));
    ::setenv(std::string(kListenVariable).c_str(), std::to_string(handed).c_str(), 1);
    auto second = Listener::open("unix:" + path_);
    CPPUNIT_ASSERT_MESSAGE(second ? "" : second.error().text, second.ok() && second->inherited());
    CPPUNIT_ASSERT(std::getenv(std::string(kListenVariable).c_str()) == nullptr);
    CPPUNIT_ASSERT_MESSAGE("the connection that waited", ::accept(second->fd(), nullptr, nullptr) >= 0);
    CPPUNIT_ASSERT_EQUAL(-1, ::accept(second->fd(), nullptr, nullptr));
    CPPUNIT_ASSERT_EQUAL_MESSAGE("nobody waits for a connection that another took", EAGAIN, errno);
  }

  void takes_no_stranger() {
    auto other = Listener::open("unix:" + path_ + "2");
    CPPUNIT_ASSERT(other.ok());
    for (const int given : {::dup(other->fd()), ::open("/dev/null", O_RDONLY)}) {
      ::setenv(std::string(kListenVariable).c_str(), std::to_string(given).c_str(), 1);
      const auto taken = take_inherited(*parse_listen("unix:" + path_));
      CPPUNIT_ASSERT(!taken.socket.valid() && taken.strangers);
      CPPUNIT_ASSERT_EQUAL_MESSAGE("it is closed", -1, ::fcntl(given, F_GETFD));
    }
    // A socket whose file is gone cannot be reached.
    const int given = ::dup(other->fd());
    std::filesystem::remove(path_ + "2");
    ::setenv(std::string(kListenVariable).c_str(), std::to_string(given).c_str(), 1);
    CPPUNIT_ASSERT(!take_inherited(*parse_listen("unix:" + path_ + "2")).socket.valid());
  }

 private:
  std::string directory_, path_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ListenerTest);

}  // namespace
}  // namespace postern
