// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>

#include "pdf/document.h"
#include "pdf/gatherer.h"
#include "pdf/pdf.h"

namespace postern {

namespace {

constexpr size_t kHeaderSpan = 1024;  // %PDF- must stand within (as Acrobat and the standard's notes have it)

// Sizes in points, upright, within 2 %: ISO 216 A3 to A6, B5, Letter, Legal, Executive, Tabloid.
bool is_paper(PageSize size) {
  static constexpr std::array<std::array<double, 2>, 9> kSizes{{{842, 1191},
                                                                {595, 842},
                                                                {420, 595},
                                                                {298, 420},
                                                                {499, 709},
                                                                {612, 792},
                                                                {612, 1008},
                                                                {522, 756},
                                                                {792, 1224}}};
  const double shorter = std::min(size.width, size.height), longer = std::max(size.width, size.height);
  return std::any_of(kSizes.begin(), kSizes.end(), [&](const auto& paper) {
    return std::fabs(shorter - paper[0]) <= paper[0] * 0.02 && std::fabs(longer - paper[1]) <= paper[1] * 0.02;
  });
}

void note_header(std::string_view bytes, PdfFacts& facts) {
  facts.bytes = bytes.size();
  const size_t at = bytes.substr(0, kHeaderSpan + 4).find("%PDF-");
  if (at == std::string_view::npos) return;
  facts.header_offset = at;
  for (const char c : bytes.substr(at + 5, 4)) {
    if ((c < '0' || c > '9') && c != '.') break;
    facts.version += c;
  }
}

}  // namespace

struct PdfReading::Open {
  Open(const PdfLimits& wanted, Deadline until, PdfFacts& facts, GreyPicture* thumbnail)
      : limits(wanted), deadline(until), gatherer(limits, deadline, facts, thumbnail) {}
  const PdfLimits limits;
  Deadline deadline;
  std::unique_ptr<Document> document;
  Gatherer gatherer;  // its pictures go before the document

  void read_pages(PdfFacts& facts);
};

void PdfReading::Open::read_pages(PdfFacts& facts) {
  const auto pages =
      static_cast<unsigned>(std::min<uint64_t>(facts.pages, std::max(limits.text_pages, limits.image_pages)));
  for (unsigned page = 1; page <= pages && !gatherer.stop(); ++page) {
    const PageSize size = document->page_size(page);
    if (page == 1) {
      facts.page_width = size.width;
      facts.page_height = size.height;
      facts.paper_size = is_paper(size);
    }
    gatherer.begin_page(page, size);
    if (page <= limits.text_pages) document->read_links(page, facts);
    if (!document->walk(page, gatherer, page <= limits.text_pages)) facts.oversized = true;
    if (page == 1 || page == pages) gatherer.note_memory();
  }
  facts.timeout = gatherer.stop();
  if (facts.timeout) gatherer.note_memory();
  gatherer.finish();
}

// Runs a step of the reading; never throws.  Out of memory, or what Poppler lets escape, makes a PDF broken.
template <class Step>
void PdfReading::measured(Step&& step) {
  const int64_t start = steady_micros();
  try {
    step();
  } catch (const std::exception&) {
    facts.broken = true;
  }
  facts.micros += static_cast<uint64_t>(std::max<int64_t>(0, steady_micros() - start));
}

PdfReading::PdfReading(std::string_view bytes, const PdfLimits& limits, Deadline deadline, GreyPicture* thumbnail) {
  measured([&] {
    note_header(bytes, facts);
    prepare_pdf();
    if (deadline.passed()) {
      facts.timeout = true;
      return;
    }
    // A page that takes for ever leaves time for the pictures before it.
    open_ = std::make_unique<Open>(limits, deadline.within(deadline.left() * 2 / 3), facts, thumbnail);
    open_->document = open_document(bytes);
    open_->document->describe(facts);
    if (facts.opened) open_->read_pages(facts);
    facts.errors = open_->document->errors();
  });
  if (!pending()) open_.reset();
}

PdfReading::~PdfReading() = default;

bool PdfReading::pending() const { return open_ != nullptr && open_->gatherer.pending(); }

void PdfReading::look(const std::vector<bool>& chosen, Deadline deadline) {
  if (!pending()) return;
  measured([&] {
    open_->deadline = deadline;
    open_->gatherer.look(chosen);
    facts.timeout = facts.timeout || open_->gatherer.stop();
    facts.errors = open_->document->errors();
  });
  open_.reset();
}

PdfFacts pdf_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline, GreyPicture* thumbnail) {
  PdfReading reading(bytes, limits, deadline, thumbnail);
  reading.look(std::vector<bool>(reading.facts.images.size(), true), deadline);
  return std::move(reading.facts);
}

}  // namespace postern
