// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/callbacks.h"

#include <arpa/inet.h>
#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>

#include <algorithm>
#include <new>
#include <stdexcept>

#include "conf/settings.h"
#include "filter/connection.h"
#include "test/unit/filter/fake_milter.h"
#include "test/unit/judge/fakes.h"

namespace postern {
namespace {

constexpr unsigned long kAllActions = 0x1ff;
constexpr unsigned long kAllSteps = 0x1fffff;

// A store that fails in a way that only a bug or exhausted memory can.
class ThrowingStore : public FakeStore {
 public:
  enum class At { kNever, kTables, kTrack } at = At::kNever;
  TablesPtr tables() override {
    if (at == At::kTables) throw std::bad_alloc();
    return FakeStore::tables();
  }
  void track(TrackRecord record) override {
    if (at == At::kTrack) throw std::runtime_error("a bug");
    FakeStore::track(std::move(record));
  }
};

class CallbacksTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CallbacksTest);
  CPPUNIT_TEST(judges_one_message);
  CPPUNIT_TEST(stamps_an_authenticated_message);
  CPPUNIT_TEST(survives_close_before_connect);
  CPPUNIT_TEST(starts_clean_after_abort);
  CPPUNIT_TEST(fails_for_now_when_a_session_cannot_start);
  CPPUNIT_TEST(tags_senders_where_the_connection_allows_it);
  CPPUNIT_TEST(goes_on_after_an_exception);
  CPPUNIT_TEST(refuses_at_mail_what_connect_could_not);
  CPPUNIT_TEST(refuses_at_the_end_what_mail_could_not);
  CPPUNIT_TEST(answers_when_it_was_not_negotiated);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override {
    judge_.settings = std::make_shared<const Settings>(default_settings());
    store_ = ThrowingStore();
    store_.state->keys["k1"] = {std::string(32, 'k'), 1, true};
    judge_.store = &store_;
    judge_.inspector = &inspector_;
    judge_.now = [] { return UnixTime{1'790'000'000}; };
    filter_ = describe_filter(judge_);
    context_ = smfi_str();
  }

  void tearDown() override {
    filter_.xxfi_close(&context_);
    CPPUNIT_ASSERT_EQUAL(0, traffic().connections.load());
    CPPUNIT_ASSERT_EQUAL(0, traffic().messages.load());
  }

  void judges_one_message() {
    open("198.51.100.7", 4321);
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
    CPPUNIT_ASSERT(context_.calls.empty());
    CPPUNIT_ASSERT_EQUAL(0, traffic().messages.load());
    CPPUNIT_ASSERT_EQUAL(1, traffic().connections.load());
  }

  void stamps_an_authenticated_message() {
    open("198.51.100.7", 4321);
    context_.macros["{auth_authen}"] = "alice";
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, context_.calls.size());
    CPPUNIT_ASSERT_EQUAL(std::string("insheader 1 X-Postern-ID: 1.k1."), context_.calls.at(0).substr(0, 31));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, store_.tracked.size());
  }

  // Nothing is refused at MAIL while the list is empty, so MAIL is not answered.
  void refuses_at_the_end_what_mail_could_not() {
    negotiate_all();
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, connect("203.0.113.9", 4321));
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
    list("198.51.100.0/24");
    CPPUNIT_ASSERT_EQUAL(SMFIS_REJECT, message());
    CPPUNIT_ASSERT_EQUAL(std::string("550 5.7.1 203.0.113.9 is not"), context_.reply.substr(0, 28));
    list("203.0.113.0/24");
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
  }

  void survives_close_before_connect() {
    CPPUNIT_ASSERT_EQUAL(SMFIS_CONTINUE, filter_.xxfi_close(&context_));
    CPPUNIT_ASSERT_EQUAL(SMFIS_CONTINUE, filter_.xxfi_abort(&context_));
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, filter_.xxfi_eom(&context_));
    negotiate_all();
    CPPUNIT_ASSERT_EQUAL(SMFIS_CONTINUE, filter_.xxfi_close(&context_));
    CPPUNIT_ASSERT(context_.priv == nullptr);
  }

  void starts_clean_after_abort() {
    open("198.51.100.7", 4321);
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, mail("first@example.org"));
    recipient("secret@example.com");
    CPPUNIT_ASSERT_EQUAL(1, traffic().messages.load());
    filter_.xxfi_abort(&context_);
    CPPUNIT_ASSERT_EQUAL(0, traffic().messages.load());
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
  }

  void fails_for_now_when_a_session_cannot_start() {
    store_.at = ThrowingStore::At::kTables;
    open("198.51.100.7", 4321);
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, mail("anna@example.org"));
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, recipient("alice@example.com"));
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, filter_.xxfi_eom(&context_));
  }

  // The right to change senders is asked for while a domain wants tags, and a connection without it leaves them.
  void tags_senders_where_the_connection_allows_it() {
    const auto tagged = [this] {
      context_.macros["{auth_authen}"] = "alice";
      context_.calls.clear();
      CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
      return std::count_if(context_.calls.begin(), context_.calls.end(),
                           [](const std::string& call) { return call.starts_with("chgfrom <prvs="); });
    };
    open("198.51.100.7", 4321);
    store_.state = std::make_shared<Tables>(*store_.state);
    store_.state->domains["example.org"] = parse_domain_row("enforce tag=on").value();
    CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{0}, tagged());  // it was opened before
    filter_.xxfi_close(&context_);
    open("198.51.100.7", 4322);
    CPPUNIT_ASSERT_EQUAL(std::ptrdiff_t{1}, tagged());
  }

  void goes_on_after_an_exception() {
    open("198.51.100.7", 4321);
    context_.macros["{auth_authen}"] = "alice";
    store_.at = ThrowingStore::At::kTrack;
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, message());
    store_.at = ThrowingStore::At::kTables;
    CPPUNIT_ASSERT_EQUAL(SMFIS_TEMPFAIL, message());  // MAIL had no answer
    store_.at = ThrowingStore::At::kNever;
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
  }

  void refuses_at_mail_what_connect_could_not() {
    list("192.0.2.0/24");
    negotiate_all();  // gate-stage = mail: connect has no answer
    auto settings = default_settings();
    settings.gate_stage = GateStage::kConnect;
    judge_.settings = std::make_shared<const Settings>(settings);
    list("198.51.100.0/24");
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, connect("203.0.113.9", 4321));
    CPPUNIT_ASSERT_EQUAL(SMFIS_REJECT, mail("anna@example.org"));
    CPPUNIT_ASSERT_EQUAL(std::string("550 5.7.1 203.0.113.9 is not"), context_.reply.substr(0, 28));
  }

  void answers_when_it_was_not_negotiated() {
    // "Quit, new connection follows": the next connect comes without a negotiation.
    open("198.51.100.7", 4321);
    filter_.xxfi_close(&context_);
    CPPUNIT_ASSERT_EQUAL(SMFIS_CONTINUE, connect("198.51.100.8", 4322));
    CPPUNIT_ASSERT_EQUAL(SMFIS_ACCEPT, message());
  }

 private:
  void list(const char* prefix) {
    auto rows = parse_network_row(prefix, "allow");
    store_.state = std::make_shared<Tables>(*store_.state);
    store_.state->networks = NetworkTable(std::move(*rows));
  }

  void negotiate_all() {
    unsigned long actions = 0, steps = 0, more = 0, rest = 0;
    CPPUNIT_ASSERT_EQUAL(SMFIS_CONTINUE, filter_.xxfi_negotiate(&context_, kAllActions, kAllSteps, 0, 0, &actions,
                                                                &steps, &more, &rest));
  }

  sfsistat connect(const char* text, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, text, &address.sin_addr);
    char name[] = "client.example.org";
    return filter_.xxfi_connect(&context_, name, reinterpret_cast<_SOCK_ADDR*>(&address));
  }

  void open(const char* text, int port) {
    negotiate_all();
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, connect(text, port));
  }

  sfsistat mail(std::string address) {
    address = '<' + address + '>';
    char* arguments[] = {address.data(), nullptr};
    return filter_.xxfi_envfrom(&context_, arguments);
  }

  sfsistat recipient(std::string address) {
    address = '<' + address + '>';
    char* arguments[] = {address.data(), nullptr};
    return filter_.xxfi_envrcpt(&context_, arguments);
  }

  void header(std::string name, std::string value) {
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, filter_.xxfi_header(&context_, name.data(), value.data()));
  }

  sfsistat message() {
    context_.calls.clear();
    const sfsistat answer = mail("anna@example.org");  // it has one while the list is enforced
    CPPUNIT_ASSERT(answer == SMFIS_CONTINUE || answer == SMFIS_NOREPLY);
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, recipient("alice@example.com"));
    header("Subject", " Hello");
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, filter_.xxfi_eoh(&context_));
    unsigned char body[] = "Hello\r\n";
    CPPUNIT_ASSERT_EQUAL(SMFIS_NOREPLY, filter_.xxfi_body(&context_, body, sizeof body - 1));
    return filter_.xxfi_eom(&context_);
  }

  Judge judge_;
  ThrowingStore store_;
  FakeInspector inspector_;
  smfiDesc filter_{};
  smfi_str context_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(CallbacksTest);

}  // namespace
}  // namespace postern
