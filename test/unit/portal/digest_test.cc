// SPDX-License-Identifier: GPL-2.0-or-later
// Digests and feeds: what hostile messages come to in them, tokens, the master user's file, lists of users.
#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "mail/header.h"
#include "mail/mime.h"
#include "portal/digest_mail.h"
#include "portal/feed_document.h"
#include "portal/feed_token.h"
#include "portal/imap_master.h"
#include "portal/page.h"
#include "portal/user_name.h"

using namespace postern;

namespace {

// The decoded leaves of a message.
class Leaves : public MimeVisitor {
 public:
  void leaf(const MimePart& part, std::string_view decoded) override {
    types.push_back(std::string(part.type.value));
    texts.emplace_back(decoded);
  }
  void attached_message(const MimePart&, const HeaderBlock&, std::string_view) override { CPPUNIT_FAIL("a message"); }
  std::vector<std::string> types, texts;
};

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

class PortalDigestTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PortalDigestTest);
  CPPUNIT_TEST(header_is_ours);
  CPPUNIT_TEST(both_parts_tell_all);
  CPPUNIT_TEST(bounded);
  CPPUNIT_TEST(no_links_of_theirs);
  CPPUNIT_TEST(feed);
  CPPUNIT_TEST(empty_feed);
  CPPUNIT_TEST(tokens);
  CPPUNIT_TEST(names_of_things);
  CPPUNIT_TEST(master_file);
  CPPUNIT_TEST(users);
  CPPUNIT_TEST_SUITE_END();

 public:
  void setUp() override { load_templates(); }

 private:

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }

  static MessageSummary hostile() {
    return summarize(
        "From: =?utf-8?q?=0D=0ABcc=3A_x=40example.org?= <b@example.org>\n"
        "Subject: =?utf-8?q?=3C/strong=3E=3Cscript=3Ealert=281=29=3C/script=3E_http=3A//evil.example/=00?=\n"
        "X-Postern-Verdict: surespam; score=12.5; rules=PDF_ONLY (a picture & <b>nothing</b> else)\n\n");
  }
  static DigestMail mail() {
    DigestMail out;
    out.from = "postmaster@example.com";
    out.to = "alice@example.com";
    out.link = "https://portal.example.com/quarantine";
    out.id = "0123456789abcdef";
    out.now = 1'795'687'200;
    out.life = 30 * 86400;
    out.count = 1;
    out.entries = {{hostile(), 1'795'600'000, message_link("https://portal.example.com", 7, 12)}};
    return out;
  }
  static Leaves leaves(const std::string& message) {
    Leaves out;
    const HeaderBlock header = parse_header_block(message);
    walk_mime(message.substr(0, header.size), message.substr(header.size), MimeLimits(), out);
    return out;
  }

  void header_is_ours() {
    const std::string text = digest_mail(mail());
    const HeaderBlock header = parse_header_block(text);
    same("<alice@example.com>", header.value("To"));
    same("One new message waits in your quarantine", header.value("Subject"));
    same("auto-generated", header.value("Auto-Submitted"));
    same("<0123456789abcdef@example.com>", header.value("Message-ID"));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1'795'687'200}, parse_mail_date(header.value("Date")).value());
    CPPUNIT_ASSERT(header.find("Bcc") == nullptr);
    CPPUNIT_ASSERT_EQUAL(size_t{9}, header.fields.size());
    size_t start = 0;
    for (size_t end = text.find('\n'); end != std::string::npos; start = end + 1, end = text.find('\n', start)) {
      CPPUNIT_ASSERT_MESSAGE(text.substr(start, end - start), end - start <= 100);
    }
  }

  void both_parts_tell_all() {
    const Leaves all = leaves(digest_mail(mail()));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, all.texts.size());
    same("text/plain", all.types[0]);
    same("text/html", all.types[1]);
    for (const std::string& each : all.texts) {
      CPPUNIT_ASSERT_MESSAGE(each, holds(each, "b@example.org"));
      CPPUNIT_ASSERT_MESSAGE(each, holds(each, "Surely spam, with 12.5 points: a picture"));
      CPPUNIT_ASSERT_MESSAGE(each, holds(each, "PDF_ONLY"));
      CPPUNIT_ASSERT_MESSAGE(each, holds(each, iso_time(1'795'600'000 + 30 * 86400).substr(0, 10)));
      CPPUNIT_ASSERT_MESSAGE(
          each, !holds(each, "http://") && !holds(each, "evil.example") && !holds(each, std::string(1, '\0')));
    }
    CPPUNIT_ASSERT(holds(all.texts[0], "</strong><script>alert(1)</script> http[:]//evil[.]example/"));
    CPPUNIT_ASSERT(holds(all.texts[0], "\n   https://portal.example.com/quarantine/message?uid=7&validity=12\n"));
    CPPUNIT_ASSERT(holds(all.texts[1], "&lt;script&gt;alert(1)&lt;/script&gt;"));
    CPPUNIT_ASSERT(!holds(all.texts[1], "<script") && !holds(all.texts[1], "<b>"));
    CPPUNIT_ASSERT(holds(all.texts[1], "href=\"https://portal.example.com/quarantine/message?uid=7&amp;validity=12\""));
    DigestMail forever = mail();
    forever.life = 0;
    CPPUNIT_ASSERT(!holds(leaves(digest_mail(forever)).texts[0], "Expires"));
  }

  void bounded() {
    DigestMail many = mail();
    many.entries[0].summary =
        summarize("Subject: " + std::string(5000, 'x') + "\nFrom: " + std::string(5000, 'y') + "\n\n");
    many.entries.assign(kDigestEntries, many.entries[0]);
    many.count = 5000;
    const std::string text = digest_mail(many);
    CPPUNIT_ASSERT(text.size() < 300'000);
    CPPUNIT_ASSERT(holds(text, "Subject: 5000 new messages wait in your quarantine\n"));
    for (const std::string& each : leaves(text).texts) CPPUNIT_ASSERT(holds(each, "4900 more, older than these"));
  }

  void no_links_of_theirs() {
    same("http[:]//a[.]example/x[.]html?y", unlinked("http://a.example/x.html?y"));
    same("see www[.]example[.]com now. Version 12.5, a...b", unlinked("see www.example.com now. Version 12.5, a...b"));
    same("\"A B\" <a.b@mail.example.com>", unlinked("\"A B\" <a.b@mail.example.com>"));
    same("evil[.]example/@x[.]example", unlinked("evil.example/@x.example"));
    same("b\xc3\xbc[.]example", unlinked("b\xc3\xbc.example"));
    CPPUNIT_ASSERT(unlinked(std::string(299, 'x') + "\xc3\xa4\xc3\xa4") == std::string(299, 'x') + "…");
  }

  void feed() {
    FeedView view{
        "alice@example.com", "https://portal.example.com/feed/00", "https://portal.example.com/quarantine", 1000, {}};
    view.entries = {{hostile(), 1'795'600'000, message_link("https://portal.example.com", 7, 12)}};
    view.entries[0].summary.subject += " & ]]> \" '";
    const std::string text = atom_feed(view);
    CPPUNIT_ASSERT_MESSAGE(text, text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>"));
    CPPUNIT_ASSERT(holds(text, "<updated>" + iso_time(1'795'600'000) + "</updated>"));
    CPPUNIT_ASSERT(holds(text, "&lt;script&gt;") && !holds(text, "<script") && holds(text, "]]&gt;"));
    CPPUNIT_ASSERT(holds(text, "href=\"https://portal.example.com/quarantine/message?uid=7&amp;validity=12\""));
    for (const char c : text) CPPUNIT_ASSERT(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
    same(text, atom_feed(view));
    FeedView other = view;
    other.user = "bob@example.com";
    const auto id = [](const std::string& feed) { return feed.substr(feed.rfind("urn:uuid:"), 45); };
    CPPUNIT_ASSERT(id(text) != id(atom_feed(other)));  // the same numbers in another's mailbox are another message
    // What XML cannot hold, not even escaped.
    same("a\xef\xbf\xbd" "b\xef\xbf\xbd", shown("a\xef\xbf\xbe" "b\x01"));
  }

  void empty_feed() {
    const std::string text = atom_feed({"a", "https://p/feed/0", "https://p/quarantine", 1'795'600'000, {}});
    CPPUNIT_ASSERT(holds(text, "<updated>" + iso_time(1'795'600'000) + "</updated>") && !holds(text, "<entry>"));
  }

  void tokens() {
    const FeedToken token = new_feed_token("alice@example.com");
    CPPUNIT_ASSERT_EQUAL(size_t{96}, token.text().size());
    const std::string row = feed_row(token, "alice@example.com", 1'795'600'000);
    CPPUNIT_ASSERT(!holds(row, token.secret) && !holds(row, token.id));
    const auto parsed = parse_feed_token(token.text());
    CPPUNIT_ASSERT(parsed.has_value());
    const auto owner = feed_owner(row, *parsed);
    CPPUNIT_ASSERT(owner.has_value());
    same("alice@example.com", owner->user);
    CPPUNIT_ASSERT_EQUAL(UnixTime{1'795'600'000}, owner->made);
    CPPUNIT_ASSERT_EQUAL(UnixTime{1'795'600'000}, feed_made(row).value());
    CPPUNIT_ASSERT(!feed_owner(row, new_feed_token("alice@example.com")));
    for (const auto& none :
         {std::optional<std::string>(), std::optional<std::string>(""), std::optional<std::string>("x y z"),
          std::optional<std::string>(std::string(64, '-') + " 2026-11-01T00:00:00Z a")}) {
      CPPUNIT_ASSERT(!feed_owner(none, token));
    }
    CPPUNIT_ASSERT(new_feed_token("bob@example.com").id != token.id);
    for (const std::string& each :
         {std::string(), std::string(96, 'A'), std::string(95, 'a'), token.text() + "/", token.text() + "0"}) {
      CPPUNIT_ASSERT(!parse_feed_token(each));
    }
  }

  void names_of_things() {
    same(stable_urn("a"), stable_urn("a"));
    CPPUNIT_ASSERT(stable_urn("a") != stable_urn("b"));
    const std::string urn = stable_urn("a");
    CPPUNIT_ASSERT_EQUAL(size_t{45}, urn.size());
    CPPUNIT_ASSERT(urn[23] == '8' && std::string_view("89ab").find(urn[28]) != std::string_view::npos);
    CPPUNIT_ASSERT(entity_tag("a") != entity_tag("b") && entity_tag("a").front() == '"');
  }

  void master_file() {
    std::array<char, 32> path{"/tmp/postern-XXXXXX"};
    ::close(::mkstemp(path.data()));
    const auto with = [&](const std::string& text, mode_t mode) {
      std::ofstream(path.data()) << text;
      ::chmod(path.data(), mode);
      return read_imap_master(path.data());
    };
    const auto good = with("postern:a:b c\n", 0640);
    CPPUNIT_ASSERT(good.ok());
    same("postern", good->user);
    same("a:b c", good->password);
    CPPUNIT_ASSERT(with("postern:x", 0400).ok());
    CPPUNIT_ASSERT(holds(with("postern:x\n", 0644).error().text, "has mode 0644: expected 0600 or 0640"));
    CPPUNIT_ASSERT(!with("postern:x\n", 0660).ok());
    ::chmod(path.data(), 0600);
    for (const std::string& each : {std::string("postern\n"), std::string(":x\n"), std::string("postern:\n"),
                                    std::string(), "p:" + std::string(2000, 'x'), std::string("p:a\0b", 5)}) {
      CPPUNIT_ASSERT(holds(with(each, 0600).error().text, ":1: expected NAME:PASSWORD"));
    }
    ::unlink(path.data());
    CPPUNIT_ASSERT(holds(read_imap_master(path.data()).error().text, path.data()));
    CPPUNIT_ASSERT(!read_imap_master("/dev/null").ok());
  }

  void users() {
    const auto list = user_list(
        "# who\n@example.com all\nalice@example.com:{PLAIN}x:1\n\nbob@example.com  bob/\r\n "
        "carol\nalice@example.com\nd");
    CPPUNIT_ASSERT_EQUAL(size_t{3}, list.size());
    same("alice@example.com", list[0]);
    same("bob@example.com", list[1]);
    same("d", list[2]);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PortalDigestTest);
