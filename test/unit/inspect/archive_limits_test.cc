// SPDX-License-Identifier: GPL-2.0-or-later
// Each limit of find_in_zip() by itself: the others are set so that they cannot be what held.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "inspect/archive.h"
#include "test/unit/inspect/samples.h"

namespace postern {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max() / 4;
constexpr uint64_t kNoRatio = 1 << 30;

// Compresses to about a thousandth.
std::string pdf_of(uint64_t size) {
  std::string bytes = "%PDF-1.4\n";
  bytes.resize(size, '\0');
  return bytes;
}

struct Seen {
  std::vector<uint64_t> sizes;  // of the PDFs that were handed over
  ArchiveSummary summary;
};

Seen look(const std::vector<std::pair<std::string, std::string>>& entries, const ArchiveLimits& limits,
          Deadline deadline = Deadline::after(Millis(60'000))) {
  Seen seen;
  seen.summary = find_in_zip(zipped(entries), limits, deadline,
                             [&seen](std::string, std::string bytes) { seen.sizes.push_back(bytes.size()); });
  return seen;
}

ArchiveLimits no_limits() {
  ArchiveLimits limits;
  limits.depth = 100;
  limits.entries = 100'000;
  limits.entry_bytes = limits.all_bytes = kNoLimit;
  limits.ratio = kNoRatio;
  return limits;
}

}  // namespace

class ArchiveLimitsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ArchiveLimitsTest);
  CPPUNIT_TEST(nothing_is_cut_without_limits);
  CPPUNIT_TEST(expansion);
  CPPUNIT_TEST(expansion_of_small_entries_does_not_matter);
  CPPUNIT_TEST(bytes_of_an_entry);
  CPPUNIT_TEST(bytes_of_all);
  CPPUNIT_TEST(entries);
  CPPUNIT_TEST(depth);
  CPPUNIT_TEST(time);
  CPPUNIT_TEST(defaults_hold_a_bomb);
  CPPUNIT_TEST_SUITE_END();

 public:
  void nothing_is_cut_without_limits() {
    const Seen seen = look({{"a", pdf_of(5 * kMiB)}, {"b", pdf_of(3 * kMiB)}}, no_limits());
    CPPUNIT_ASSERT((seen.sizes == std::vector<uint64_t>{5 * kMiB, 3 * kMiB}));
    CPPUNIT_ASSERT(!seen.summary.limited);
  }

  // 5 MiB of zeros deflate to some 5 KB: 100 times that is less than what does not matter, 10,000 times more than
  // all.
  void expansion() {
    ArchiveLimits limits = no_limits();
    limits.ratio = 100;
    const Seen cut = look({{"a", pdf_of(5 * kMiB)}, {"b", pdf_of(5 * kMiB)}}, limits);
    CPPUNIT_ASSERT((cut.sizes == std::vector<uint64_t>{kMiB, kMiB}));
    CPPUNIT_ASSERT(cut.summary.limited);
    limits.ratio = 10'000;
    const Seen whole = look({{"a", pdf_of(5 * kMiB)}}, limits);
    CPPUNIT_ASSERT((whole.sizes == std::vector<uint64_t>{5 * kMiB}));
    CPPUNIT_ASSERT(!whole.summary.limited);
  }

  void expansion_of_small_entries_does_not_matter() {
    ArchiveLimits limits = no_limits();
    limits.ratio = 1;
    const Seen seen = look({{"a", pdf_of(kMiB - 1)}}, limits);
    CPPUNIT_ASSERT((seen.sizes == std::vector<uint64_t>{kMiB - 1}));
    CPPUNIT_ASSERT(!seen.summary.limited);
  }

  // Each entry has the whole of it anew.
  void bytes_of_an_entry() {
    ArchiveLimits limits = no_limits();
    limits.entry_bytes = 300'000;
    const Seen cut = look({{"a", pdf_of(400'000)}, {"b", pdf_of(299'999)}, {"c", pdf_of(500'000)}}, limits);
    CPPUNIT_ASSERT((cut.sizes == std::vector<uint64_t>{300'000, 299'999, 300'000}));
    CPPUNIT_ASSERT(cut.summary.limited);
    CPPUNIT_ASSERT(!look({{"b", pdf_of(299'999)}, {"d", pdf_of(299'999)}}, limits).summary.limited);
  }

  // What the first entries take the later ones do not have; what is no PDF costs its first look only.
  void bytes_of_all() {
    ArchiveLimits limits = no_limits();
    limits.all_bytes = 500'000;
    const Seen cut = look(
        {{"text", std::string(400'000, 'x')}, {"a", pdf_of(300'000)}, {"b", pdf_of(300'000)}, {"c", pdf_of(100)}},
        limits);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, cut.sizes.size());
    CPPUNIT_ASSERT_EQUAL(uint64_t{300'000}, cut.sizes[0]);
    CPPUNIT_ASSERT(cut.sizes[1] < 200'000 && cut.sizes[1] > 190'000);
    CPPUNIT_ASSERT(cut.summary.limited);
    const Seen whole =
        look({{"text", std::string(400'000, 'x')}, {"a", pdf_of(300'000)}, {"b", pdf_of(190'000)}}, limits);
    CPPUNIT_ASSERT((whole.sizes == std::vector<uint64_t>{300'000, 190'000}));
    CPPUNIT_ASSERT(!whole.summary.limited);
  }

  // Those inside inner archives count as well.
  void entries() {
    ArchiveLimits limits = no_limits();
    limits.entries = 4;
    const std::string inner = zipped({{"1", pdf_of(100)}, {"2", pdf_of(100)}});
    const Seen whole = look({{"a", pdf_of(100)}, {"inner.zip", inner}}, limits);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, whole.sizes.size());
    CPPUNIT_ASSERT(!whole.summary.limited);
    const Seen cut = look({{"inner.zip", inner}, {"a", pdf_of(100)}, {"b", pdf_of(100)}}, limits);
    CPPUNIT_ASSERT_EQUAL(size_t{3}, cut.sizes.size());
    CPPUNIT_ASSERT(cut.summary.limited);
  }

  void depth() {
    ArchiveLimits limits = no_limits();
    limits.depth = 3;
    const std::string one = zipped({{"a", pdf_of(100)}}), two = zipped({{"one.zip", one}});
    const Seen whole = look({{"two.zip", two}}, limits);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, whole.sizes.size());
    CPPUNIT_ASSERT(!whole.summary.limited);
    const Seen cut = look({{"three.zip", zipped({{"two.zip", two}})}}, limits);
    CPPUNIT_ASSERT(cut.sizes.empty() && cut.summary.limited);
  }

  void time() {
    const Seen seen = look({{"a", pdf_of(100)}}, no_limits(), Deadline::after(Millis(0)));
    CPPUNIT_ASSERT(seen.sizes.empty() && seen.summary.limited);
  }

  // 64 MiB of zeros behind a PDF header, 1,000 to 1.
  void defaults_hold_a_bomb() {
    const Seen seen = look({{"bomb.pdf", pdf_of(64 * kMiB)}}, {});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, seen.sizes.size());
    CPPUNIT_ASSERT(seen.summary.limited && seen.sizes[0] <= 16 * kMiB);
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 0; i < 300; ++i) many.emplace_back(std::to_string(i), "x");
    CPPUNIT_ASSERT(look(many, {}).summary.limited);
    many.resize(200);
    CPPUNIT_ASSERT(!look(many, {}).summary.limited);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ArchiveLimitsTest);

}  // namespace postern
