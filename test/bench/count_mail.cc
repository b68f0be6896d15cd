// SPDX-License-Identifier: GPL-2.0-or-later
// Judges messages for test/bench/instructions.py, which has callgrind count the instructions of judge_message().
//   count_mail KIND FILE     judges the message 20 times, in the daemon's way: session, transaction, inspector,
//   verdict count_mail --built-with  says what the counts depend on
// Left out: libmilter, sockets and threads, the kernel, and the pipe to the jail; the inspector's work itself and the
// record in which it hands over its facts are in.  The store answers from memory.
#include <gnu/libc-version.h>
#include <pcre2.h>
#include <sodium.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "bounce/stamp.h"
#include "inspect/examine.h"
#include "inspect/record.h"
#include "judge/transaction.h"
#include "test/bench/mail_file.h"
#include "test/unit/judge/fakes.h"

using namespace postern;

namespace {

constexpr UnixTime kNow = 1'760'000'000;
constexpr int kTimes = 20;

class NearInspector : public Inspector {
 public:
  BodyFacts inspect(const InspectRequest& request, Deadline) override {
    return decode_facts(encode_facts(examine(request))).value();
  }
  uint64_t restarts() const override { return 0; }
};

struct World {
  FakeStore store;
  NearInspector inspector;
  Judge judge;

  World() {
    store.state->rules = RuleSet(default_rules(), nullptr);
    store.state->keys["k1"] = {std::string(32, 'k'), kNow - 86400, true};
    store.state->domains["example.com"] = parse_domain_row("enforce").value();
    store.state->networks = NetworkTable(parse_network_row("198.51.100.0/24", "allow").value());
    judge.store = &store;
    judge.inspector = &inspector;
    judge.settings = std::make_shared<const Settings>(default_settings());
    judge.now = [] { return kNow; };
  }
};

struct Envelope {
  std::string sender, recipient, authenticated;
};

Envelope envelope_of(const std::string& kind) {
  if (kind == "plain" || kind == "multipart") return {"<anna@example.org>", "<alice@example.com>", ""};
  if (kind == "outbound") return {"<user@example.com>", "<partner@example.net>", "user"};
  if (kind == "bounce") return {"<>", "<user@example.com>", ""};
  throw std::runtime_error("expected plain, multipart, outbound or bounce");
}

// As an original of ours would come back: the first header block in the body gets a stamp.
void stamp_original(const World& world, bench::Mail& mail) {
  const size_t place = mail.body.find("\r\nMessage-ID:");
  if (place == std::string::npos) throw std::runtime_error("expected a bounce that quotes a Message-ID");
  const auto stamp = make_stamp(world.store.state->keys, "user@example.com", kNow - 3600);
  mail.body.insert(place + 2, std::string(kStampHeader) + ": " + stamp.value() + "\r\n");
}

size_t judge(Session& session, const bench::Mail& mail, const Envelope& envelope) {
  session.refresh();
  if (session.gate_at_mail(envelope.authenticated)) throw std::runtime_error("the gate refused the client");
  Transaction transaction(session, envelope.sender, envelope.authenticated);
  transaction.recipient(envelope.recipient);
  for (const bench::Field& field : mail.fields) transaction.header(field.name, field.value);
  if (transaction.end_of_headers()) transaction.body(mail.body);
  const Outcome outcome = transaction.end_of_message("4ABCDEF0123");
  if (outcome.judgement.verdict != Verdict::kClean) throw std::runtime_error("not clean: " + outcome.log_line.text());
  return outcome.log_line.text().size();
}

}  // namespace

// What is counted.  In the global namespace and never inlined, so that callgrind finds it by its name.
[[gnu::noinline]] size_t judge_message(Session& session, const bench::Mail& mail, const Envelope& envelope) {
  return judge(session, mail, envelope);
}

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "--built-with") {
    char pcre2[64] = "";
    pcre2_config(PCRE2_CONFIG_VERSION, pcre2);
    std::printf("compiler: %s\nflags: %s\nlibc: %s\nPCRE2: %s\nlibsodium: %s\n", __VERSION__, POSTERN_BENCH_FLAGS,
                gnu_get_libc_version(), pcre2, sodium_version_string());
    return 0;
  }
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s plain|multipart|outbound|bounce FILE, or --built-with\n", argv[0]);
    return 2;
  }
  try {
    World world;
    const Envelope envelope = envelope_of(argv[1]);
    bench::Mail mail = bench::read_mail(argv[2]);
    if (envelope.sender == "<>") stamp_original(world, mail);
    Client client;
    client.address = parse_ip("198.51.100.7").value();
    Session session(world.judge, client, "SCOUNT");
    judge(session, mail, envelope);  // what is made at the first use is made now
    for (int i = 0; i < kTimes; ++i) judge_message(session, mail, envelope);
    return 0;
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "count_mail: %s\n", fault.what());
    return 1;
  }
}
