// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/examine.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "inspect/record.h"
#include "inspect/sniff.h"
#include "test/data/codec.h"
#include "test/data/documents.h"
#include "test/data/picture.h"
#include "unit/inspect/samples.h"

namespace postern {
namespace {

const Part kWords{"Content-Type: text/plain\r\n", "See the file."};

class ExamineTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ExamineTest);
  CPPUNIT_TEST(plain_text);
  CPPUNIT_TEST(alternatives_show_once);
  CPPUNIT_TEST(blank_body_is_blank);
  CPPUNIT_TEST(nested_messages_do_not_show);
  CPPUNIT_TEST(attachments_are_listed);
  CPPUNIT_TEST(pdf_is_found_whatever_it_claims);
  CPPUNIT_TEST(pdf_is_found_behind_junk);
  CPPUNIT_TEST(pdf_is_found_in_uuencode);
  CPPUNIT_TEST(pdf_is_found_in_attached_message);
  CPPUNIT_TEST(talk_about_pdf_is_no_pdf);
  CPPUNIT_TEST(pdf_is_found_in_archives);
  CPPUNIT_TEST(closed_containers_are_counted);
  CPPUNIT_TEST(pictures_are_read);
  CPPUNIT_TEST(pictures_are_not_read_when_not_wanted);
  CPPUNIT_TEST(pictures_are_read_when_chosen);
  CPPUNIT_TEST(limits_are_told);
  CPPUNIT_TEST(reports_are_read);
  CPPUNIT_TEST(risky_steps_are_announced);
  CPPUNIT_TEST(no_time_no_reading);
  CPPUNIT_TEST_SUITE_END();

 public:
  void plain_text() {
    InspectRequest request = message("Content-Type: text/plain; charset=utf-8\r\n",
                                     "Gr\xc3\xbc\xc3\x9f"
                                     "e\r\n an alle\r\n");
    request.truncated = true;
    const BodyFacts facts = examine(request);
    CPPUNIT_ASSERT(facts.inspected && facts.truncated && !facts.timeout && !facts.limited);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, facts.parts);
    CPPUNIT_ASSERT_EQUAL(uint64_t{11}, facts.visible_chars);
    CPPUNIT_ASSERT(
        facts.text.starts_with("Gr\xc3\xbc\xc3\x9f"
                               "e"));
    CPPUNIT_ASSERT(facts.attachments.empty() && facts.pdfs.empty());
    CPPUNIT_ASSERT_EQUAL(uint64_t{8}, examine(message("", "no header")).visible_chars);
  }

  void alternatives_show_once() {
    const BodyFacts facts = examine(multipart(
        "alternative", {{"Content-Type: text/plain\r\n", "plain decoy words"},
                        {"Content-Type: text/html\r\n", "<style>p{}</style><p>shown</p><!-- not shown -->"}}));
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, facts.visible_chars);
    CPPUNIT_ASSERT(facts.text.find("shown") != std::string::npos && facts.text.find("decoy") == std::string::npos);
    CPPUNIT_ASSERT(facts.attachments.empty());
    const BodyFacts mixed = examine(multipart(
        "mixed", {{"Content-Type: text/plain\r\n", "first"}, {"Content-Type: text/html\r\n", "<b>second</b>"}}));
    CPPUNIT_ASSERT_EQUAL(uint64_t{11}, mixed.visible_chars);
  }

  void blank_body_is_blank() {
    const BodyFacts facts = examine(multipart("mixed", {{"Content-Type: text/plain\r\n", " \r\n\t\xa0\r\n"},
                                                        attached("application/pdf", "a.pdf", small_pdf("x"))}));
    CPPUNIT_ASSERT(facts.visible_chars <= 1);  // the 0xa0 without a charset
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.pdfs.size());
  }

  void nested_messages_do_not_show() {
    const BodyFacts facts = examine(multipart(
        "mixed", {{"Content-Type: text/plain\r\n", "mine"},
                  {"Content-Type: message/rfc822\r\n", "From: a@example.com\r\nSubject: s\r\n\r\nsomebody else's"}}));
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, facts.visible_chars);
  }

  void attachments_are_listed() {
    const BodyFacts facts = examine(multipart(
        "mixed", {kWords,
                  attached("Application/X-Any", "a b.bin", "12345"),
                  {"Content-Type: text/plain; name=\"notes.txt\"\r\nContent-Disposition: attachment\r\n", "n"},
                  {"Content-Type: image/gif\r\n\r\n", "GIF89a"}}));
    CPPUNIT_ASSERT_EQUAL(size_t{3}, facts.attachments.size());
    CPPUNIT_ASSERT_EQUAL(std::string("a b.bin"), facts.attachments[0].name);
    CPPUNIT_ASSERT_EQUAL(std::string("application/x-any"), facts.attachments[0].type);
    CPPUNIT_ASSERT_EQUAL(std::string("base64"), facts.attachments[0].encoding);
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, facts.attachments[0].bytes);
    CPPUNIT_ASSERT_EQUAL(std::string("notes.txt"), facts.attachments[1].name);
    CPPUNIT_ASSERT_EQUAL(std::string("image/gif"), facts.attachments[2].type);
    CPPUNIT_ASSERT_EQUAL(std::string("See the file."), facts.text);
  }

  void pdf_is_found_whatever_it_claims() {
    const std::string pdf = small_pdf("Hello there");
    for (const char* type : {"application/pdf", "application/octet-stream", "image/jpeg", "application/vnd.fdf",
                             "text/plain", "text/html", "message/delivery-status"}) {
      const BodyFacts facts = examine(multipart("mixed", {kWords, attached(type, "report.fdf", pdf)}));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, size_t{1}, facts.pdfs.size());
      CPPUNIT_ASSERT_MESSAGE(type, facts.pdfs[0].opened && !facts.pdfs[0].timeout);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, uint64_t{1}, facts.pdfs[0].pages);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, std::string("report.fdf"), facts.pdfs[0].name);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, static_cast<uint64_t>(pdf.size()), facts.pdfs[0].bytes);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(type, size_t{1}, facts.attachments.size());
      CPPUNIT_ASSERT_MESSAGE(type, facts.attachments[0].pdf);
    }
    // The whole message, without a name and without an encoding.
    const BodyFacts bare = examine(message("Content-Type: text/plain\r\n", pdf));
    CPPUNIT_ASSERT(bare.pdfs.size() == 1 && bare.pdfs[0].opened);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, bare.visible_chars);
  }

  void pdf_is_found_behind_junk() {
    const std::string pdf = small_pdf("x");
    const auto at = [&](size_t junk) {
      return examine(multipart("mixed", {attached("application/pdf", "a", std::string(junk, '\n') + pdf)}));
    };
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, at(1023).pdf_count);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1023}, at(1023).pdfs[0].header_offset);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, at(1024).pdf_count);
  }

  void pdf_is_found_in_uuencode() {
    const BodyFacts facts =
        examine(message("", "Hello\n" + testdata::uuencoded(small_pdf("x"), "stocks.pdf") + "\nBye\n"));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.pdfs.size());
    CPPUNIT_ASSERT(facts.pdfs[0].opened);
    CPPUNIT_ASSERT_EQUAL(std::string("stocks.pdf"), facts.pdfs[0].name);
    CPPUNIT_ASSERT_EQUAL(uint64_t{8}, facts.visible_chars);  // Hello, Bye
  }

  void pdf_is_found_in_attached_message() {
    const InspectRequest inner = multipart("mixed", {attached("application/pdf", "deep.pdf", small_pdf("x"))});
    const BodyFacts facts = examine(multipart(
        "mixed",
        {kWords,
         {"Content-Type: message/rfc822\r\n", "From: a@example.com\r\n" + inner.header + "\r\n" + inner.body}}));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.pdfs.size());
    CPPUNIT_ASSERT_EQUAL(std::string("deep.pdf"), facts.pdfs[0].name);
  }

  void talk_about_pdf_is_no_pdf() {
    const BodyFacts facts = examine(message("", "A PDF starts with %PDF-1.4 in its first line.\n"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, facts.pdf_count);
    CPPUNIT_ASSERT(facts.visible_chars > 30);
    CPPUNIT_ASSERT(sniff("\xff\xd8\xff\xfe comment %PDF-1.4") == FileKind::kJpeg);
  }

  void pdf_is_found_in_archives() {
    const std::string inner = zipped({{"in/inner.pdf", small_pdf("x")}});
    const std::string outer =
        zipped({{"read.me", "nothing"}, {"report.doc", small_pdf("outer")}, {"more.zip", inner}});
    const BodyFacts facts = examine(multipart("mixed", {attached("application/zip", "a.zip", outer)}));
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, facts.pdf_count);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, facts.pdfs.size());
    CPPUNIT_ASSERT_EQUAL(std::string("report.doc"), facts.pdfs[0].name);
    CPPUNIT_ASSERT_EQUAL(std::string("in/inner.pdf"), facts.pdfs[1].name);
    CPPUNIT_ASSERT(facts.pdfs[0].opened && facts.pdfs[1].opened);
    CPPUNIT_ASSERT(!facts.limited);
    const std::string deeper = zipped({{"outer.zip", outer}});
    const BodyFacts deep = examine(multipart("mixed", {attached("application/zip", "a.zip", deeper)}));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, deep.pdf_count);  // two archives deep, not three
    CPPUNIT_ASSERT(deep.limited);
  }

  void closed_containers_are_counted() {
    const auto count = [](const std::string& bytes) {
      return examine(multipart("mixed", {attached("application/octet-stream", "a", bytes)})).unopened;
    };
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, count(zipped({{"a.pdf", small_pdf("x")}}, "secret")));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, count("Rar!\x1a\x07 and so on"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, count("\x78\x9f\x3e\x22 TNEF"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, count("PK\3\4 damaged"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, count("just bytes"));
  }

  void pictures_are_read() {
    testdata::Picture picture(64, 48, {255, 255, 255});
    picture.rectangle(10, 10, 20, 20, {0, 0, 0});
    const std::string jpeg = testdata::encode_jpeg(picture, 80);
    const BodyFacts facts = examine(multipart("mixed", {kWords, attached("image/jpeg", "a.jpg", jpeg)}));
    CPPUNIT_ASSERT_EQUAL(size_t{1}, facts.images.size());
    CPPUNIT_ASSERT_EQUAL(uint64_t{64}, facts.images[0].width);
    CPPUNIT_ASSERT_EQUAL(uint64_t{48}, facts.images[0].height);
  }

  void pictures_are_not_read_when_not_wanted() {
    const std::string jpeg = testdata::encode_jpeg(testdata::Picture(64, 48, {0, 0, 0}), 80);
    InspectRequest request = multipart("mixed", {kWords, attached("image/jpeg", "a.jpg", jpeg)});
    request.wants_pictures = false;
    CPPUNIT_ASSERT(examine(request).images.empty());
    CPPUNIT_ASSERT_EQUAL(size_t{1}, examine(request).attachments.size());
  }

  // Pictures wait until somebody has chosen; then only those that were chosen are decoded, wherever they stand.
  void pictures_are_read_when_chosen() {
    testdata::Picture picture(640, 240, {255, 255, 255});
    picture.rectangle(100, 60, 200, 90, {0, 0, 0});
    const std::string jpeg = testdata::encode_jpeg(picture, 80);
    testdata::Random campaign(5), copy(6);
    const auto part = attached("application/pdf", "a.pdf", testdata::spam_pdf({}, campaign, copy));
    const auto photo = attached("image/jpeg", "a.jpg", jpeg);
    InspectRequest request = multipart("mixed", {part, photo, part, photo});
    const BodyFacts all = examine(request);
    for (size_t chosen = 0; chosen < 5; ++chosen) {  // the last one: none
      size_t asked = 0;
      request.choose = [&](const BodyFacts& facts) {
        ++asked;
        std::vector<bool> choice;
        for_each_picture(facts, [&](const ImageFacts& each) {
          CPPUNIT_ASSERT(each.skipped && !each.decoded && each.fingerprint.empty());
          choice.push_back(choice.size() == chosen);
        });
        CPPUNIT_ASSERT_EQUAL(size_t{4}, choice.size());
        return choice;
      };
      const BodyFacts facts = examine(request);
      CPPUNIT_ASSERT_EQUAL(size_t{1}, asked);
      CPPUNIT_ASSERT_EQUAL(std::string("a.pdf"), facts.pdfs.at(1).name);
      size_t place = 0;
      std::vector<ImageFacts> whole;
      for_each_picture(all, [&](const ImageFacts& each) { whole.push_back(each); });
      for_each_picture(facts, [&](const ImageFacts& each) {
        CPPUNIT_ASSERT_EQUAL(place == chosen, each.decoded);
        CPPUNIT_ASSERT_EQUAL(place != chosen, each.skipped);
        CPPUNIT_ASSERT_EQUAL(place == chosen ? whole.at(place).fingerprint : "", each.fingerprint);
        CPPUNIT_ASSERT_EQUAL(whole.at(place).quality, each.quality);  // the header is read in any case
        ++place;
      });
    }
    request = multipart("mixed", {kWords, attached("application/pdf", "a.pdf", small_pdf("x"))});
    request.choose = [](const BodyFacts&) -> std::vector<bool> { CPPUNIT_FAIL("there is nothing to choose"); };
    CPPUNIT_ASSERT_EQUAL(size_t{1}, examine(request).pdfs.size());
  }

  void limits_are_told() {
    const std::vector<Part> pdfs(20, attached("application/pdf", "a.pdf", small_pdf("x")));
    const BodyFacts facts = examine(multipart("mixed", pdfs));
    CPPUNIT_ASSERT(facts.limited);
    CPPUNIT_ASSERT_EQUAL(uint64_t{20}, facts.pdf_count);
    CPPUNIT_ASSERT_EQUAL(kMaxPdfs, facts.pdfs.size());
    const std::vector<Part> files(100, attached("application/x-any", "a", "x"));
    const BodyFacts many = examine(multipart("mixed", files));
    CPPUNIT_ASSERT(many.limited);
    CPPUNIT_ASSERT_EQUAL(kMaxAttachments, many.attachments.size());
    CPPUNIT_ASSERT_EQUAL(uint64_t{101}, many.parts);
  }

  void reports_are_read() {
    const BodyFacts facts = examine(multipart(
        "report; report-type=delivery-status",
        {{"Content-Type: text/plain\r\n", "It did not work."},
         {"Content-Type: message/delivery-status\r\n",
          "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; gone@example.net\r\nAction: failed\r\n"
          "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n"},
         {"Content-Type: text/rfc822-headers\r\n",
          "From: me@example.com\r\nTo: gone@example.net\r\nSubject: hi\r\nMessage-ID: <1@example.com>\r\n"
          "X-Postern-ID: 1.a.4f2b0011223344556677.abc\r\nDate: Tue, 24 Nov 2026 00:00:00 +0000\r\n"}}));
    CPPUNIT_ASSERT_EQUAL(std::string("failure"), facts.report.shape);
    CPPUNIT_ASSERT(facts.report.quotes_original);
    CPPUNIT_ASSERT_EQUAL(std::string("<1@example.com>"), facts.report.message_ids.at(0));
    CPPUNIT_ASSERT_EQUAL(std::string("1.a.4f2b0011223344556677.abc"), facts.report.stamps.at(0));
    CPPUNIT_ASSERT_EQUAL(std::string("gone@example.net"), facts.report.failed_recipients.at(0));
    CPPUNIT_ASSERT_EQUAL(std::string("me@example.com"), facts.report.quoted_sender);
    CPPUNIT_ASSERT_EQUAL(std::string("550 no such user"), facts.report.diagnostic);
    CPPUNIT_ASSERT(facts.attachments.empty());
  }

  // What the daemon knows if the worker dies in the next step.
  void risky_steps_are_announced() {
    const InspectRequest request =
        multipart("mixed", {kWords, attached("application/pdf", "one.pdf", small_pdf("one")),
                            attached("application/pdf", "two.pdf", small_pdf("two"))});
    std::vector<BodyFacts> heard;
    const BodyFacts facts = examine(request, [&](const BodyFacts& known) { heard.push_back(known); });
    CPPUNIT_ASSERT_EQUAL(size_t{2}, heard.size());
    CPPUNIT_ASSERT_EQUAL(std::string("See the file."), heard[0].text);
    CPPUNIT_ASSERT_EQUAL(uint64_t{2}, heard[0].pdf_count);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, heard[0].pdfs.size());
    CPPUNIT_ASSERT(heard[0].pdfs[0].timeout && !heard[0].pdfs[0].opened && heard[0].pdfs[0].name == "one.pdf");
    CPPUNIT_ASSERT(!heard[1].pdfs[0].timeout && heard[1].pdfs[0].opened && heard[1].pdfs[1].timeout);
    CPPUNIT_ASSERT(!facts.timeout && !facts.pdfs[0].timeout && !facts.pdfs[1].timeout);
    heard.clear();
    examine(message("", "text only"), [&](const BodyFacts& known) { heard.push_back(known); });
    CPPUNIT_ASSERT(heard.empty());
  }

  void no_time_no_reading() {
    InspectRequest request = multipart("mixed", {kWords, attached("application/pdf", "one.pdf", small_pdf("one"))});
    request.time_limit = Millis(0);
    const BodyFacts facts = examine(request);
    CPPUNIT_ASSERT(facts.inspected && facts.timeout);
    CPPUNIT_ASSERT(facts.pdfs.empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ExamineTest);

}  // namespace
}  // namespace postern
