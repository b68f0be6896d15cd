// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses, header fields, content fields and subjects: what real mailers write, and what they get wrong.
#include <cppunit/extensions/HelperMacros.h>

#include "mail/address.h"
#include "mail/content_type.h"
#include "mail/decode.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/subject.h"

using namespace postern;

class HeaderTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(HeaderTest);
  CPPUNIT_TEST(envelope_addresses);
  CPPUNIT_TEST(address_parts);
  CPPUNIT_TEST(addresses_in_text);
  CPPUNIT_TEST(field_addresses);
  CPPUNIT_TEST(header_blocks);
  CPPUNIT_TEST(header_line_ends);
  CPPUNIT_TEST(header_field_limit);
  CPPUNIT_TEST(encoded_words);
  CPPUNIT_TEST(message_ids);
  CPPUNIT_TEST(content_fields);
  CPPUNIT_TEST(rfc2231);
  CPPUNIT_TEST(file_names);
  CPPUNIT_TEST(subjects);
  CPPUNIT_TEST(subject_tagged_once);
  CPPUNIT_TEST(quoted_printable);
  CPPUNIT_TEST_SUITE_END();

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }
  static std::string all(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& item : list) out += item + "|";
    return out;
  }

  void envelope_addresses() {
    same("Alice@example.com", clean_address("<Alice@Example.COM>"));
    same("alice@example.com", address_key(" <Alice@Example.COM.> "));
    same("", clean_address("<>"));
    same("", clean_address(""));
    same("bob@example.org", clean_address("<@relay.example,@hub.example:bob@example.org>"));
    same("bob@example.org", clean_address("<bob@example.org> SIZE=100"));
    same("\"odd@one\"@example.org", clean_address("<\"odd@one\"@Example.org>"));
    same("postmaster", clean_address("<postmaster>"));
    same("example.org", std::string(domain_of("\"a@b\"@example.org")));
    same("", std::string(domain_of("postmaster")));
    same("postmaster", std::string(local_of("postmaster")));
  }

  void address_parts() {
    const AddressParts parts = split_address("ann+news+x@example.com");
    same("ann/news+x/example.com", parts.user + "/" + parts.detail + "/" + parts.domain);
    same("+x", split_address("+x@example.com").user);
    same("x+", split_address("x+@example.com").user);
    same("ann-news", split_address("ann-news@example.com").user);
    same("news", split_address("ann-news@example.com", '-').detail);
  }

  void addresses_in_text() {
    same("a@example.com|b.c@example.org|",
         all(find_addresses("rfc822;a@example.com, <b.c@example.org>: <a@example.com>.")));
    same("\"john doe\"@example.com|", all(find_addresses("to \"john doe\"@example.com.")));
    same("u@[192.0.2.1]|", all(find_addresses("<u@[192.0.2.1]>")));
    same("x@example.com|", all(find_addresses("mailto:x@example.com?subject=y")));
    same("x@example.com|", all(find_addresses("'x@example.com'")));
    same("a@b.example|", all(find_addresses("one@ two @three a@b.example... @", 5)));
    same("a@a.example|b@b.example|", all(find_addresses("a@a.example b@b.example c@c.example", 2)));
  }

  void field_addresses() {
    same("bob@example.org", field_address("\"Bob (bob@elsewhere.example)\" <bob@example.org>"));
    same("bob@example.org", field_address("bob@example.org (Bob)"));
    same("", field_address("Bob"));
    same("bob@example.org", field_address("<> bob@example.org"));
  }

  void header_blocks() {
    const HeaderBlock block = parse_header_block("From bob Mon Jan 1\nA: 1\nB : 2\n\tmore\nC:3\n\nbody: no\n");
    CPPUNIT_ASSERT_EQUAL(size_t{3}, block.fields.size());
    CPPUNIT_ASSERT(block.ended);
    same("2 more", block.value("b"));
    same("3", block.value("C"));
    same("", block.value("body"));
    CPPUNIT_ASSERT_EQUAL(size_t{41}, block.size);
    const HeaderBlock cut = parse_header_block("A: 1\nno field here\nB: 2\n");
    CPPUNIT_ASSERT_EQUAL(size_t{1}, cut.fields.size());
    CPPUNIT_ASSERT(!cut.ended);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, cut.size);
    CPPUNIT_ASSERT_EQUAL(size_t{0}, parse_header_block("").fields.size());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, parse_header_block("\n\nA: 1\n").size);
  }

  void header_line_ends() {
    for (const std::string end : {"\n", "\r\n", "\r"}) {
      const std::string text = "A: 1" + end + " 2" + end + "B: 3" + end + end + "body";
      const HeaderBlock block = parse_header_block(text);
      same("1 2", block.value("A"));
      same("3", block.value("B"));
      same("body", text.substr(block.size));
    }
  }

  void header_field_limit() {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "X-A: 1\n 2\n";
    const HeaderBlock block = parse_header_block(text + "\nbody", 10);
    CPPUNIT_ASSERT_EQUAL(size_t{10}, block.fields.size());
    same("body", (text + "\nbody").substr(block.size));
  }

  void encoded_words() {
    same("caf\xc3\xa9 x", decode_words("=?iso-8859-1?Q?caf=E9_x?="));
    same("\xe2\x82\xac", decode_words("=?windows-1252?B?gA==?="));
    same("a \xc3\xa4\xc3\xb6 b", decode_words("a =?utf-8?q?=C3=A4?= =?UTF-8?Q?=C3=B6?= b"));
    same("\xc3\xa4", decode_words("=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A4?="));  // one character in two words
    same("\xc3\xa4", decode_words("=?utf-8*de?Q?=C3=A4?="));
    same("a =?x?= b =?", decode_words("a =?x?= b =?"));
    same("\x83\x65", decode_words("=?shift_jis?B?g2U=?="));  // no table: raw bytes
  }

  void message_ids() {
    same("<a@x>|<b@y>|", all(find_message_ids("<a@x>\r\n\t<b@y> <a@x>")));
    same("<a@x>|", all(find_message_ids("<a\r\n @x>")));
    same("<a@x>|", all(find_message_ids(" a@x ")));
    same("<a1>|", all(find_message_ids("a1")));
    same("<a@x>|", all(find_message_ids("In your mail of today <a@x")));
    same("", all(find_message_ids("your message of Monday")));
    same("<a@x>", clean_message_id("<a@ x>\n"));
    same("", clean_message_id("<>"));
  }

  void content_fields() {
    const auto field = parse_content_field(" Multipart/Mixed; Boundary=\"a;b\\\"c\"; charset = utf-8 (x)");
    same("multipart/mixed", field.value);
    same("a;b\"c", std::string(field.param("boundary")));
    same("utf-8 (x)", std::string(field.param("charset")));
    same("text/plain", parse_content_field("text/plain;;;").value);
    same("x", std::string(parse_content_field("a/b; x; name=x").param("name")));
    same("", parse_content_field("").value);
  }

  void rfc2231() {
    const auto field = parse_content_field("a/b; name*1*=%20two; name*0*=iso-8859-1''%E9; name=plain; name*3=lost");
    same("\xc3\xa9 two", std::string(field.param("name")));
    same("onetwo", std::string(parse_content_field("a/b; n*0=one; n*1=two").param("n")));
    same("%zz", std::string(parse_content_field("a/b; n*=''%zz").param("n")));
  }

  void file_names() {
    const auto type = parse_content_field("application/pdf; name=\"=?utf-8?Q?a=C3=A4.pdf?=\"");
    same("a\xc3\xa4.pdf", file_name(type, {}));
    same("x.pdf", file_name(type, parse_content_field("attachment; filename=\"C:\\dir/x.pdf\"")));
  }

  void subjects() {
    same("[SPAM] hello", tag_subject("hello", "[SPAM] "));
    same(" [SPAM] hello", tag_subject(" hello", "[SPAM] "));
    same("[SPAM] =?utf-8?B?w6Q=?=\n =?utf-8?B?w6Q=?=", tag_subject("=?utf-8?B?w6Q=?=\n =?utf-8?B?w6Q=?=", "[SPAM] "));
    same("[SPAM]", tag_subject("", "[SPAM] "));
    same(" [SPAM]", tag_subject(" ", "[SPAM] "));
    same("[SPAM] \xff\xfe raw", tag_subject("\xff\xfe raw", "[SPAM] "));
    const std::string tagged = tag_subject(std::string(990, 'x'), "[SURESPAM] ");
    same("[SURESPAM] \n " + std::string(990, 'x'), tagged);
  }

  void subject_tagged_once() {
    same("[SPAM] hello", tag_subject("[SPAM] hello", "[SPAM] "));
    same(" [spam]hello", tag_subject(" [spam]hello", "[SPAM] "));
    same("=?utf-8?Q?[SPAM]_=C3=A4?=", tag_subject("=?utf-8?Q?[SPAM]_=C3=A4?=", "[SPAM] "));
    same("[SPAM] Re: [SPAM] hello", tag_subject("Re: [SPAM] hello", "[SPAM] "));
  }

  void quoted_printable() {
    same("a=3Db =E2=80=A6=20\n=2E\n=46rom me\nx.\n", encode_quoted_printable("a=b \xe2\x80\xa6 \n.\nFrom me\nx.\n"));
    same("", encode_quoted_printable(""));
    std::string every;
    for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
    for (const std::string& text :
         {std::string(500, 'x'), std::string(76, 'x') + "\n" + std::string(75, 'y') + " ",
          std::string(75, 'x') + "\xc3\xa4" + std::string(73, ' '), every, every + "\n" + every}) {
      const std::string coded = encode_quoted_printable(text);
      same(text, decode_quoted_printable(coded, 10'000).bytes);
      size_t start = 0;
      for (size_t end = coded.find('\n'); end != std::string::npos; start = end + 1, end = coded.find('\n', start)) {
        CPPUNIT_ASSERT(end - start <= 76);
      }
      for (const char c : coded) CPPUNIT_ASSERT(c == '\n' || (c >= 0x20 && c < 0x7f));
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HeaderTest);
