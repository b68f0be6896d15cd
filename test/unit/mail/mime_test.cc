// SPDX-License-Identifier: GPL-2.0-or-later
// Transfer encodings, the MIME walk and the text of HTML.
#include <cppunit/extensions/HelperMacros.h>

#include "mail/charset.h"
#include "mail/decode.h"
#include "mail/html.h"
#include "mail/mime.h"

using namespace postern;

namespace {

// Writes down what a walk offers: "depth.message_depth type [name] {bytes}".
struct Recorder : MimeVisitor {
  void leaf(const MimePart& part, std::string_view decoded) override {
    seen += std::to_string(part.depth) + "." + std::to_string(part.message_depth) + " " + part.type.value;
    if (!part.name.empty()) seen += " [" + part.name + "]";
    seen += " {" + std::string(decoded) + "}\n";
  }
  void attached_message(const MimePart&, const HeaderBlock& header, std::string_view) override {
    seen += "message " + header.value("Subject") + "\n";
  }
  void multipart(const MimePart& part) override { seen += part.type.value + "\n"; }
  std::string seen;
};

std::string walked(std::string_view header, std::string_view body, const MimeLimits& limits = {},
                   MimeSummary* summary = nullptr) {
  Recorder recorder;
  const MimeSummary found = walk_mime(header, body, limits, recorder);
  if (summary != nullptr) *summary = found;
  return recorder.seen;
}

}  // namespace

class MimeTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MimeTest);
  CPPUNIT_TEST(base64);
  CPPUNIT_TEST(quoted_printable);
  CPPUNIT_TEST(uuencode);
  CPPUNIT_TEST(charsets);
  CPPUNIT_TEST(plain_message);
  CPPUNIT_TEST(nested);
  CPPUNIT_TEST(line_ends);
  CPPUNIT_TEST(wrong_boundaries);
  CPPUNIT_TEST(boundary_prefix);
  CPPUNIT_TEST(attached_messages);
  CPPUNIT_TEST(encoded_message);
  CPPUNIT_TEST(digest);
  CPPUNIT_TEST(uuencoded_file);
  CPPUNIT_TEST(limits);
  CPPUNIT_TEST(html_text);
  CPPUNIT_TEST(html_hidden);
  CPPUNIT_TEST(html_entities);
  CPPUNIT_TEST(html_broken);
  CPPUNIT_TEST(visible);
  CPPUNIT_TEST_SUITE_END();

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }

  void base64() {
    same("hello", decode_base64("aGVs\r\nbG8=", 100).bytes);
    same("hello", decode_base64("aG!Vs bG8", 100).bytes);
    same("aa", decode_base64("YQ==YQ==", 100).bytes);
    const Decoded cut = decode_base64("aGVsbG8=", 3);
    same("hel", cut.bytes);
    CPPUNIT_ASSERT(cut.truncated);
    CPPUNIT_ASSERT(!decode_base64("aGVsbG8=", 5).truncated);
    same("", decode_base64("a", 5).bytes);
  }

  void quoted_printable() {
    same("a=b", decode_quoted_printable("a=3Db", 100).bytes);
    same("ab\n", decode_quoted_printable("a= \t\r\nb\n", 100).bytes);
    same("a=zz=", decode_quoted_printable("a=zz==", 100).bytes);
    same("a b_", decode_quoted_printable("a_b=5F", 100, true).bytes);
    same("a_b", decode_quoted_printable("a_b", 100).bytes);
    CPPUNIT_ASSERT(decode_quoted_printable("abcdef", 3).truncated);
  }

  void uuencode() {
    size_t used = 0;
    same("Cat", decode_uuencode("#0V%T\n`\nend\nafter", 100, &used).bytes);
    CPPUNIT_ASSERT_EQUAL(size_t{12}, used);
    same("a.pdf", std::string(uuencode_name("begin 644 a.pdf")));
    same("", std::string(uuencode_name("begin the day")));
    same("", std::string(uuencode_name("begin 999 x")));
  }

  void charsets() {
    same("\xc3\xa4", to_utf8("\xe4", "ISO-8859-1"));
    same("\xe2\x82\xac", to_utf8("\xa4", "iso-8859-15"));
    same("\xe2\x80\x9c", to_utf8("\x93", "windows-1252"));
    same("a\xc3\xa4+b", to_utf8("a+AOQ-+-b", "unicode-1-1-utf-7"));
    same("A\xf0\x9f\x98\x80", to_utf8(std::string("\xff\xfe"
                                                  "A\0\x3d\xd8\x00\xde",
                                                  8),
                                      "utf-16"));
    same("\xe4", to_utf8("\xe4", "koi8-r"));
  }

  void plain_message() {
    same("0.0 text/plain {hi\n}\n", walked("", "hi\n"));
    same("0.0 text/html {a=b}\n",
         walked("Content-Type: TEXT/HTML\nContent-Transfer-Encoding: Quoted-Printable\n", "a=3Db"));
    same("0.0 application/pdf [x.pdf] {%PDF-}\n",
         walked("Content-Type: application/pdf; name=x.pdf\nContent-Transfer-Encoding: BASE64 \n", "JVBERi0="));
  }

  void nested() {
    same(
        "multipart/mixed\nmultipart/alternative\n2.0 text/plain {one}\n2.0 text/html {two}\n1.0 application/pdf "
        "{%PDF-}\n",
        walked("Content-Type: multipart/mixed; boundary=out\n",
               "preamble\n--out\nContent-Type: multipart/alternative; boundary=\"in\"\n\n--in\n\none\n--in\n"
               "Content-Type: text/html\n\ntwo\n--in--\n--out\nContent-Type: application/pdf\n"
               "Content-Transfer-Encoding: base64\n\nJVBERi0=\n--out--\nepilogue\n"));
  }

  void line_ends() {
    for (const std::string end : {"\n", "\r\n", "\r"}) {
      same("multipart/mixed\n1.0 text/plain {a" + end + "b}\n1.0 text/x {c}\n",
           walked("Content-Type: multipart/mixed; boundary=q" + end, "--q" + end + end + "a" + end + "b" + end +
                                                                         "--q" + end + "Content-Type: text/x" + end +
                                                                         end + "c" + end + "--q--" + end));
    }
  }

  void wrong_boundaries() {
    // The declared boundary never comes: the one that the parts use is taken.
    same("multipart/mixed\n1.0 text/plain {a}\n", walked("Content-Type: multipart/mixed; boundary=wrong\n",
                                                         "--right\nContent-Type: text/plain\n\na\n--right--\n"));
    same("multipart/mixed\n1.0 text/plain {a}\n",
         walked("Content-Type: multipart/mixed\n", "--right\nContent-Type: text/plain\n\na\n--right--\n"));
    // None at all: the body is offered as it is.
    same("0.0 multipart/mixed {just text}\n", walked("Content-Type: multipart/mixed; boundary=x\n", "just text"));
    // The closing line is missing; the inner multipart ends where the outer one goes on.
    same("multipart/mixed\nmultipart/related\n2.0 text/plain {a}\n1.0 text/plain {b\n}\n",
         walked("Content-Type: multipart/mixed; boundary=o\n",
                "--o\nContent-Type: multipart/related; boundary=i\n\n--i\n\na\n--o\n\nb\n"));
    // The whole multipart is in base64, against the rules.
    same("multipart/mixed\n1.0 text/plain {a}\n",
         walked("Content-Type: multipart/mixed; boundary=q\nContent-Transfer-Encoding: base64\n",
                "LS1xCgphCi0tcS0tCg=="));
  }

  void boundary_prefix() {
    same("multipart/mixed\n1.0 text/plain {--ab\nx}\n",
         walked("Content-Type: multipart/mixed; boundary=a\n", "--a\n\n--ab\nx\n--a--  \n"));
  }

  void attached_messages() {
    const std::string inner = "Subject: inner\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\ndeep\n--i--\n";
    same("multipart/mixed\nmessage inner\nmultipart/mixed\n3.1 text/plain {deep}\n",
         walked("Content-Type: multipart/mixed; boundary=o\n",
                "--o\nContent-Type: message/rfc822\n\n\n\n" + inner + "--o--\n"));
    same("0.0 message/rfc822 {}\n", walked("Content-Type: message/rfc822\n", ""));
  }

  void encoded_message() {
    same("message x\n1.1 text/plain {y}\n",
         walked("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n", "U3ViamVjdDogeAoKeQ=="));
    // It claims an encoding and is not in it.
    same(
        "message x=3\n1.1 text/plain {y=z}\n",
        walked("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n", "Subject: x=3\n\ny=z"));
    same("message x\n1.1 text/plain {y}\n",
         walked("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n", "Subject: x\n\ny"));
  }

  void digest() {
    same("multipart/digest\nmessage one\n2.1 text/plain {x}\n",
         walked("Content-Type: multipart/digest; boundary=d\n", "--d\n\nSubject: one\n\nx\n--d--\n"));
  }

  void uuencoded_file() {
    same("0.0 text/plain {see\nbegin 644 a.bin\n#0V%T\n`\nend\nbye\n}\n1.0 application/octet-stream [a.bin] {Cat}\n",
         walked("", "see\nbegin 644 a.bin\n#0V%T\n`\nend\nbye\n"));
    same("0.0 text/plain {begin 644 of it\nnothing}\n", walked("", "begin 644 of it\nnothing"));
  }

  void limits() {
    MimeSummary summary;
    std::string header = "Content-Type: multipart/mixed; boundary=b0\n", body;
    for (int i = 1; i <= 100; ++i) {
      body +=
          "--b" + std::to_string(i - 1) + "\nContent-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\n\n";
    }
    MimeLimits few;
    few.depth = 5;
    walked(header, body, few, &summary);
    CPPUNIT_ASSERT(summary.limited);
    CPPUNIT_ASSERT_EQUAL(size_t{6}, summary.parts);
    body.clear();
    for (int i = 0; i < 100; ++i) body += "--b0\n\nx\n";
    few.parts = 10;
    walked(header, body, few, &summary);
    CPPUNIT_ASSERT(summary.limited);
    CPPUNIT_ASSERT_EQUAL(size_t{10}, summary.parts);
    few.decoded_bytes = 3;
    same("0.0 text/plain {hel}\n", walked("Content-Transfer-Encoding: base64\n", "aGVsbG8=", few, &summary));
    CPPUNIT_ASSERT(summary.limited);
    walked("", "hello", few, &summary);
    CPPUNIT_ASSERT(!summary.limited);
  }

  void html_text() {
    same("Hello world\nnext\nlast",
         html_to_text("<html><head><title>t</title><style>p{}</style></head><body>"
                      "<p>Hello\n  <b>world</b><p>next<br>last<!-- c --><script>x()</script>"));
    same("a b\nc", html_to_text("<table><tr><td>a<td>b<tr><td>c</table>"));
    same("x\n  y", html_to_text("<pre>x\n  y</pre>"));
    same("", html_to_text(""));
  }

  void html_hidden() {
    same("see\nthis",
         html_to_text("<div>see</div><div style='display: none'>hid<span>den</span></div><div>this</div>"));
    same("a c", html_to_text("a <font color=#FFFFFF>b</font> c"));
    same("a b c", html_to_text("a <span style=\"background:#000;color:#fff\">b</span> c"));
    same("a c", html_to_text("a <span style=\"font-size:0px\">b</span> c"));
    same("a b c", html_to_text("a <span style=\"font-size:0.9em\">b</span> c"));
    same("a c", html_to_text("a <span style=\"x:y;visibility:hidden\">b</span> c"));
  }

  void html_entities() {
    same("<a@x> & \xc3\xa4 \xe2\x82\xac x", html_to_text("&lt;a@x&gt; &amp; &auml; &#8364;&nbsp;&#x78;"));
    same("&unknown; &", html_to_text("&unknown; &"));
  }

  void html_broken() {
    same("a < b", html_to_text("a < b"));
    same("x", html_to_text("x<a href='never closed"));
    same("x", html_to_text("x<!-- never closed"));
    same("x", html_to_text("x<"
                           "/"
                           "b></></p junk>"));
    CPPUNIT_ASSERT(html_to_text(std::string(10000, 'x'), 100).size() <= 101);
    std::string deep;
    for (int i = 0; i < 20000; ++i) deep += "<div>";
    same("x", html_to_text(deep + "x"));
  }

  void visible() {
    CPPUNIT_ASSERT_EQUAL(uint64_t{3}, count_visible(" a\xc3\xa4\n\tb\xc2\xa0\xe2\x80\x8b"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, count_visible(" \r\n"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MimeTest);
