// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/record.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cmath>
#include <limits>
#include <type_traits>

namespace postern {
namespace {

// Gives every member a value that no other has, by the each() lists, so that a forgotten one shows.
class Filler {
 public:
  template <class F>
  void fill(F& facts) {
    F::each(facts, [this](const char* name, auto& member, const char*) { set(name, member); });
  }

 private:
  void set(const char*, bool& flag) { flag = true; }
  void set(const char*, uint64_t& number) { number = ++count_; }
  void set(const char*, double& number) { number = static_cast<double>(++count_) / 8; }
  void set(const char* name, std::string& text) { text = std::string(name) + std::to_string(++count_); }
  void set(const char* name, std::vector<std::string>& texts) {
    texts = {std::string(name) + std::to_string(++count_), "", "\xc3\xa9\n\"\\" + std::string(1, '\0')};
  }
  uint64_t count_ = 1'000'000'007;
};

template <class F>
std::string spelled(const F& facts) {
  std::string out;
  F::each(facts, [&](const char* name, const auto& member, const char*) {
    using Type = std::remove_cvref_t<decltype(member)>;
    out += std::string(name) + "=";
    if constexpr (std::is_same_v<Type, std::string>) {
      out += member;
    } else if constexpr (std::is_same_v<Type, std::vector<std::string>>) {
      for (const std::string& one : member) out += one + "|";
    } else {
      out += std::to_string(member);
    }
    out += ";";
  });
  return out;
}

std::string spelled_all(const BodyFacts& facts) {
  std::string out = spelled(facts) + spelled(facts.report);
  for (const auto& one : facts.attachments) out += "A:" + spelled(one);
  for (const auto& one : facts.images) out += "I:" + spelled(one);
  for (const auto& one : facts.pdfs) {
    out += "P:" + spelled(one);
    for (const auto& picture : one.images) out += "PI:" + spelled(picture);
  }
  return out;
}

BodyFacts full() {
  Filler filler;
  BodyFacts facts;
  filler.fill(facts);
  filler.fill(facts.report);
  facts.attachments.resize(2);
  for (auto& one : facts.attachments) filler.fill(one);
  facts.images.resize(1);
  filler.fill(facts.images[0]);
  facts.pdfs.resize(2);
  for (auto& one : facts.pdfs) {
    filler.fill(one);
    one.images.resize(3);
    for (auto& picture : one.images) filler.fill(picture);
  }
  return facts;
}

// The biggest record that the caps allow.
template <class F>
void fatten(F& facts) {
  F::each(facts, [](const char*, auto& member, const char*) {
    using Type = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Type, std::string>) member = std::string(5000, 'x');
    if constexpr (std::is_same_v<Type, std::vector<std::string>>) {
      member = std::vector<std::string>(70, std::string(600, 'y'));
    }
  });
}

class RecordTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RecordTest);
  CPPUNIT_TEST(every_member_comes_back);
  CPPUNIT_TEST(caps_hold);
  CPPUNIT_TEST(cuts_at_characters);
  CPPUNIT_TEST(every_shortened_record_is_refused);
  CPPUNIT_TEST(longer_record_is_refused);
  CPPUNIT_TEST(wrong_values_are_refused);
  CPPUNIT_TEST(changed_bytes_do_no_harm);
  CPPUNIT_TEST(request_frame_is_checked);
  CPPUNIT_TEST(answer_frame_is_checked);
  CPPUNIT_TEST(thumbnail_is_checked);
  CPPUNIT_TEST_SUITE_END();

 public:
  void every_member_comes_back() {
    const BodyFacts facts = full();
    const auto back = decode_facts(encode_facts(facts));
    CPPUNIT_ASSERT(back.ok());
    CPPUNIT_ASSERT_EQUAL(spelled_all(facts), spelled_all(*back));
    CPPUNIT_ASSERT(decode_facts(encode_facts(BodyFacts{})).ok());
  }

  void caps_hold() {
    BodyFacts facts;
    fatten(facts);
    fatten(facts.report);
    facts.attachments.resize(70);
    facts.images.resize(40);
    facts.pdfs.resize(18);
    for (auto& one : facts.attachments) fatten(one);
    for (auto& one : facts.images) fatten(one);
    for (auto& one : facts.pdfs) {
      fatten(one);
      one.images.resize(40);
      for (auto& picture : one.images) fatten(picture);
    }
    const std::string bytes = encode_facts(facts);
    CPPUNIT_ASSERT(bytes.size() <= kMaxRecord);
    const auto back = decode_facts(bytes);
    CPPUNIT_ASSERT(back.ok());
    CPPUNIT_ASSERT(back->limited);
    CPPUNIT_ASSERT_EQUAL(kMaxText, back->text.size());
    CPPUNIT_ASSERT_EQUAL(kMaxAttachments, back->attachments.size());
    CPPUNIT_ASSERT_EQUAL(kMaxPdfs, back->pdfs.size());
    CPPUNIT_ASSERT_EQUAL(kMaxImages, back->pdfs[kMaxPdfs - 1].images.size());
    CPPUNIT_ASSERT_EQUAL(kMaxString, back->pdfs[0].producer.size());
    CPPUNIT_ASSERT_EQUAL(kMaxStrings, back->report.message_ids.size());
  }

  void cuts_at_characters() {
    BodyFacts facts;
    facts.report.diagnostic = std::string(kMaxString - 1, 'a') + "\xe2\x82\xac";
    const auto back = decode_facts(encode_facts(facts));
    CPPUNIT_ASSERT(back.ok());
    CPPUNIT_ASSERT_EQUAL(std::string(kMaxString - 1, 'a'), back->report.diagnostic);
    CPPUNIT_ASSERT(!back->limited);
  }

  void every_shortened_record_is_refused() {
    const std::string bytes = encode_facts(full());
    for (size_t size = 0; size < bytes.size(); ++size) {
      CPPUNIT_ASSERT(!decode_facts(std::string_view(bytes).substr(0, size)).ok());
    }
  }

  void longer_record_is_refused() {
    CPPUNIT_ASSERT_EQUAL(std::string("record has bytes after its end"),
                         decode_facts(encode_facts(full()) + "x").error().text);
    CPPUNIT_ASSERT_EQUAL(std::string("record is too long"),
                         decode_facts(std::string(kMaxRecord + 1, '\0')).error().text);
  }

  void wrong_values_are_refused() {
    std::string bytes = encode_facts(full());
    bytes[0] = '\2';
    CPPUNIT_ASSERT_EQUAL(std::string("inspected is neither true nor false"), decode_facts(bytes).error().text);
    BodyFacts facts;
    facts.images.resize(1);
    facts.images[0].coverage = 0.123;
    bytes = encode_facts(facts);
    const double good = 0.123;
    const double bad = std::numeric_limits<double>::quiet_NaN();
    const size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&good), sizeof good));
    CPPUNIT_ASSERT(at != std::string::npos);
    bytes.replace(at, sizeof bad, reinterpret_cast<const char*>(&bad), sizeof bad);
    CPPUNIT_ASSERT_EQUAL(std::string("coverage is not finite"), decode_facts(bytes).error().text);
    facts.images[0].coverage = bad;
    CPPUNIT_ASSERT_EQUAL(0.0, decode_facts(encode_facts(facts))->images[0].coverage);
  }

  // Whatever one byte becomes, the decoder answers; when it accepts, encoding again gives the same bytes.
  void changed_bytes_do_no_harm() {
    const std::string bytes = encode_facts(full());
    for (size_t at = 0; at < bytes.size(); ++at) {
      for (const int value : {0, 1, 2, 0x7f, 0x80, 0xff}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(value);
        const auto back = decode_facts(changed);
        if (back.ok()) CPPUNIT_ASSERT_EQUAL(changed, encode_facts(*back));
      }
    }
  }

  void request_frame_is_checked() {
    InspectRequest request;
    request.header = "a: b\r\n";
    request.body = "body";
    request.truncated = true;
    request.wants_pictures = false;
    request.time_limit = Millis(77);
    RequestFrame frame = request_frame(request);
    CPPUNIT_ASSERT_EQUAL(6U, frame.header_size);
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, frame.body_size);
    InspectRequest back;
    CPPUNIT_ASSERT(read_request_frame(frame, back, nullptr).ok());
    CPPUNIT_ASSERT(back.truncated && !back.wants_pictures && back.time_limit == Millis(77) && !back.choose);
    GreyPicture ours, theirs;
    CPPUNIT_ASSERT(read_request_frame(frame, back, &theirs).ok() && back.thumbnail == nullptr);
    request.thumbnail = &ours;
    CPPUNIT_ASSERT(read_request_frame(request_frame(request), back, &theirs).ok() && back.thumbnail == &theirs);
    CPPUNIT_ASSERT(!back.choose);
    request.thumbnail = nullptr;
    request.choose = [](const BodyFacts&) { return std::vector<bool>(); };
    CPPUNIT_ASSERT(read_request_frame(request_frame(request), back, &theirs).ok() && back.choose);
    CPPUNIT_ASSERT(back.thumbnail == nullptr);
    RequestFrame wrong = frame;
    wrong.magic = 1;
    CPPUNIT_ASSERT(!read_request_frame(wrong, back, nullptr).ok());
    wrong = frame;
    wrong.flags = 16;
    CPPUNIT_ASSERT(!read_request_frame(wrong, back, nullptr).ok());
    wrong = frame;
    wrong.body_size = UINT64_MAX;
    CPPUNIT_ASSERT(!read_request_frame(wrong, back, nullptr).ok());
  }

  void thumbnail_is_checked() {
    const GreyPicture picture{3, 2, "abcdef"};
    const std::string bytes = encode_thumbnail(picture);
    const auto back = decode_thumbnail(bytes);
    CPPUNIT_ASSERT(back.ok() && back->width == 3 && back->height == 2 && back->pixels == picture.pixels);
    for (size_t size = 0; size < bytes.size(); ++size) {
      CPPUNIT_ASSERT(!decode_thumbnail(std::string_view(bytes).substr(0, size)).ok());
    }
    CPPUNIT_ASSERT(!decode_thumbnail(bytes + "g").ok());
    CPPUNIT_ASSERT(!decode_thumbnail(encode_thumbnail({})).ok());
    constexpr unsigned kMost = GreyPicture::kMostSide;
    CPPUNIT_ASSERT(decode_thumbnail(encode_thumbnail({kMost, 1, std::string(kMost, 'x')})).ok());
    CPPUNIT_ASSERT(!decode_thumbnail(encode_thumbnail({kMost + 1, 1, std::string(kMost + 1, 'x')})).ok());
    CPPUNIT_ASSERT(!decode_thumbnail(encode_thumbnail({1, kMost + 1, std::string(kMost + 1, 'x')})).ok());
  }

  void answer_frame_is_checked() {
    const std::string bytes = answer_frame(AnswerFrame::Kind::kFacts, "payload") + "next";
    for (size_t size = 0; size < bytes.size() - 4; ++size) {
      const auto part = parse_answer(std::string_view(bytes).substr(0, size));
      CPPUNIT_ASSERT(part.ok() && !part->has_value());
    }
    const auto whole = parse_answer(bytes);
    CPPUNIT_ASSERT(whole.ok() && whole->has_value());
    CPPUNIT_ASSERT_EQUAL(std::string("payload"), std::string((*whole)->payload));
    CPPUNIT_ASSERT_EQUAL(bytes.size() - 4, (*whole)->consumed);
    for (const size_t at : {size_t{0}, size_t{4}, size_t{11}, size_t{12}}) {  // magic, kind, size, reserved
      std::string wrong = bytes;
      wrong[at] = '\x7f';
      CPPUNIT_ASSERT(!parse_answer(wrong).ok());
    }
    using enum AnswerFrame::Kind;
    for (const auto kind : {kHello, kFault, kInterim, kFacts, kLastFacts, kThumbnail, kAsk}) {
      const std::string each = answer_frame(kind, "");
      const auto back = parse_answer(each);
      CPPUNIT_ASSERT(back.ok() && back->has_value() && (*back)->kind == kind);
    }
    const auto beyond = static_cast<AnswerFrame::Kind>(static_cast<uint32_t>(kAsk) + 1);
    CPPUNIT_ASSERT(!parse_answer(answer_frame(beyond, "")).ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RecordTest);

}  // namespace
}  // namespace postern
