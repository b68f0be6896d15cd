// SPDX-License-Identifier: GPL-2.0-or-later
// The MTA's end of one milter connection, in the packets and the order that Postfix uses.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <arpa/inet.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/fd.h"
#include "test/bench/mail_file.h"

namespace postern::bench {

constexpr uint32_t kAllActions = 0x1ff;
constexpr uint32_t kAllSteps = 0x1fffff;
constexpr size_t kChunk = 65535;       // a body piece, as libmilter and Postfix cut it
constexpr size_t kWriteBuffer = 4096;  // Postfix's stream buffer: silent steps are not flushed one by one

struct Step {
  char command;
  uint32_t left_out;  // the negotiated bit that leaves the step out
  uint32_t silent;    // the bit that says it gets no reply
};
constexpr Step kConnect{'C', 0x1, 0x1000}, kHelo{'H', 0x2, 0x2000}, kMail{'M', 0x4, 0x4000}, kRcpt{'R', 0x8, 0x8000},
    kData{'T', 0x200, 0x10000}, kHeader{'L', 0x20, 0x80}, kEoh{'N', 0x40, 0x40000}, kBody{'B', 0x10, 0x80000},
    kEom{'E', 0, 0};
constexpr uint32_t kLeadSpace = 0x100000;

// Whom the messages are from and to.
struct Envelope {
  std::string sender = "anna@example.org", recipient = "alice@example.com", authenticated;
};

class Connection {
 public:
  Connection(int port, const Envelope& envelope) : envelope_(envelope) {
    fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    negotiate();
    macros('C', {"j", "mx.example.com", "{daemon_name}", "mx.example.com", "v", "Postfix 3.7.11"});
    step(kConnect, std::string("client.example.org\0"
                               "4\x10\xe1"
                               "198.51.100.7\0",
                               35));
    step(kHelo, std::string("client.example.org\0", 19));
  }

  ~Connection() {
    packet('Q', "");
    try {
      flush();
    } catch (const std::exception&) {  // it is closed anyway
    }
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Gives the answer at the end of the message.
  char send(const Mail& mail, const std::string& recipient) {
    if (envelope_.authenticated.empty()) {
      macros('M', {"{mail_addr}", envelope_.sender, "{mail_mailer}", "smtp"});
    } else {
      macros('M',
             {"{auth_type}", "PLAIN", "{auth_authen}", envelope_.authenticated, "{mail_addr}", envelope_.sender});
    }
    if (const char answer = step(kMail, '<' + envelope_.sender + '>' + '\0'); answer != 'c') return answer;
    macros('R', {"{rcpt_addr}", recipient, "{rcpt_mailer}", "smtp"});
    step(kRcpt, '<' + recipient + '>' + '\0');
    macros('T', {"i", "4ABCDEF0123"});
    step(kData, "");
    for (const Field& field : mail.fields) {
      const bool drop = (steps_ & kLeadSpace) == 0 && !field.value.empty() && field.value.front() == ' ';
      step(kHeader, field.name + '\0' + field.value.substr(drop ? 1 : 0) + '\0');
    }
    macros('N', {"i", "4ABCDEF0123"});
    step(kEoh, "");
    for (size_t at = 0; at < mail.body.size(); at += kChunk) {
      if (step(kBody, mail.body.substr(at, kChunk)) == 's') break;
    }
    macros('E', {"i", "4ABCDEF0123"});
    return step(kEom, "");
  }

 private:
  void packet(char command, const std::string& data) {
    const uint32_t size = htonl(static_cast<uint32_t>(data.size() + 1));
    out_.append(reinterpret_cast<const char*>(&size), sizeof size);
    out_ += command;
    out_ += data;
    if (out_.size() >= kWriteBuffer) flush();
  }

  void flush() {
    for (size_t done = 0; done < out_.size();) {
      const ssize_t put = ::send(fd_.get(), out_.data() + done, out_.size() - done, MSG_NOSIGNAL);
      if (put <= 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
      done += static_cast<size_t>(put);
    }
    out_.clear();
  }

  void macros(char command, std::initializer_list<std::string> pairs) {
    std::string data(1, command);
    for (const std::string& each : pairs) data += each + '\0';
    packet('D', data);
  }

  void need(size_t size) {
    while (in_.size() - used_ < size) {
      if (used_ == in_.size()) {
        in_.clear();
        used_ = 0;
      }
      char buffer[16384];
      const ssize_t got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
      if (got <= 0) throw std::runtime_error("the milter closed the connection");
      in_.append(buffer, static_cast<size_t>(got));
    }
  }

  std::string read_packet() {
    need(4);
    uint32_t size = 0;
    std::memcpy(&size, in_.data() + used_, sizeof size);
    size = ntohl(size);
    used_ += 4;
    need(size);
    std::string data = in_.substr(used_, size);
    used_ += size;
    return data;
  }

  void negotiate() {
    std::string data(12, '\0');
    const uint32_t words[3] = {htonl(6), htonl(kAllActions), htonl(kAllSteps)};
    std::memcpy(data.data(), words, sizeof words);
    packet('O', data);
    flush();
    const std::string answer = read_packet();
    if (answer.size() < 13 || answer[0] != 'O') throw std::runtime_error("negotiation failed");
    std::memcpy(&steps_, answer.data() + 9, sizeof steps_);
    steps_ = ntohl(steps_);
  }

  // Does a step and gives its answer; 'c' for a silent one.  Edits on the way are passed over.
  char step(const Step& step, const std::string& data) {
    if ((steps_ & step.left_out) != 0) return 'c';
    packet(step.command, data);
    if ((steps_ & step.silent) != 0) return 'c';
    flush();
    for (;;) {
      const std::string answer = read_packet();
      if (std::strchr("cartdys", answer.at(0)) != nullptr) return answer[0];
    }
  }

  Envelope envelope_;
  Fd fd_;
  std::string out_, in_;
  size_t used_ = 0;
  uint32_t steps_ = 0;
};

}  // namespace postern::bench
