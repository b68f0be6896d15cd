// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/examine.h"

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "inspect/archive.h"
#include "inspect/record.h"
#include "inspect/sniff.h"
#include "inspect/visible_text.h"
#include "mail/mime.h"
#include "mail/report.h"
#include "pdf/pdf.h"

namespace postern {
namespace {

constexpr size_t kLong = 1 << 20;
constexpr size_t kMostWaiting = 4;  // PDFs that are kept open until it is known which pictures are wanted

// A file that is looked at after the walk.
struct Found {
  FileKind kind = FileKind::kOther;
  std::string name;
  std::string owned;        // its bytes, where they were decoded
  std::string_view stands;  // its bytes, where they stand in the message

  std::string_view bytes() const { return owned.empty() ? stands : std::string_view(owned); }
};

class Examination : public MimeVisitor {
 public:
  Examination(const InspectRequest& request, const Progress& before_risk)
      : request_(request),
        before_risk_(before_risk),
        deadline_(Deadline::after(request.time_limit)),
        text_(kMaxText) {}

  BodyFacts run();

  void leaf(const MimePart& part, std::string_view decoded) override;
  void attached_message(const MimePart& part, const HeaderBlock& header, std::string_view decoded) override;
  void multipart(const MimePart& part) override;

 private:
  void walk();
  void read_text();
  void take_report(DeliveryReport report);
  void list_attachment(const MimePart& part, std::string_view decoded, FileKind kind);
  void remember(FileKind kind, const std::string& name, std::string_view decoded);
  void open_archives();
  void open_pdfs();
  void open_pdf(const Found& file, Millis share);
  void open_pictures();
  void look_at_pictures();
  bool out_of_time();
  void risk() {
    if (before_risk_) before_risk_(facts_);
  }

  const InspectRequest& request_;
  const Progress& before_risk_;
  const Deadline deadline_;
  BodyFacts facts_;
  VisibleText text_;
  ReportReader report_;
  std::vector<Found> found_;
  // What waits for its pixels to be looked at: PDFs by their place in facts_.pdfs, pictures in facts_.images.
  struct WaitingPdf {
    size_t place;
    std::unique_ptr<PdfReading> reading;
  };
  std::vector<WaitingPdf> waiting_pdfs_;
  std::vector<std::pair<size_t, std::string_view>> waiting_pictures_;
};

bool is_message_type(std::string_view type) { return type.starts_with("message/") || type == "text/rfc822-headers"; }

bool Examination::out_of_time() {
  if (deadline_.passed()) facts_.timeout = true;
  return facts_.timeout;
}

void Examination::leaf(const MimePart& part, std::string_view decoded) {
  if (out_of_time()) return;
  report_.leaf(part, decoded);
  const bool shown = VisibleText::shows(part);
  const FileKind kind = shown ? sniff_text(decoded) : sniff(decoded);
  if (shown && kind != FileKind::kPdf) {
    text_.add(part, decoded);
    if (request_.body.size() >= kLong) {  // the walk alone may take too long
      read_text();
      risk();
    }
  } else if (!is_message_type(part.type.value) || !part.name.empty()) {
    list_attachment(part, decoded, kind);
  }
  remember(kind, part.name, decoded);
}

void Examination::attached_message(const MimePart& part, const HeaderBlock& header, std::string_view decoded) {
  if (!out_of_time()) report_.attached_message(part, header, decoded);
}

void Examination::multipart(const MimePart& part) {
  text_.enter_multipart(part);
  report_.multipart(part);
}

void Examination::list_attachment(const MimePart& part, std::string_view decoded, FileKind kind) {
  if (facts_.attachments.size() >= kMaxAttachments) {
    facts_.limited = true;
    return;
  }
  AttachmentFacts attachment;
  attachment.name = part.name;
  attachment.type = part.type.value;
  attachment.encoding = part.encoding;
  attachment.bytes = decoded.size();
  attachment.pdf = kind == FileKind::kPdf;
  facts_.attachments.push_back(std::move(attachment));
}

void Examination::remember(FileKind kind, const std::string& name, std::string_view decoded) {
  if (kind == FileKind::kContainer) ++facts_.unopened;
  if (kind == FileKind::kPdf) ++facts_.pdf_count;
  if (kind == FileKind::kOther || kind == FileKind::kContainer) return;
  if (kind == FileKind::kJpeg && !request_.wants_pictures) return;
  const auto same = std::count_if(found_.begin(), found_.end(), [&](const Found& one) { return one.kind == kind; });
  if (static_cast<size_t>(same) >= (kind == FileKind::kJpeg ? kMaxImages : kMaxPdfs)) {
    facts_.limited = true;
    return;
  }
  Found file;
  file.kind = kind;
  file.name = name;
  const char* const start = request_.body.data();
  if (decoded.data() >= start && decoded.data() + decoded.size() <= start + request_.body.size()) {
    file.stands = decoded;
  } else {
    file.owned = decoded;
  }
  found_.push_back(std::move(file));
}

void Examination::take_report(DeliveryReport report) {
  facts_.report.shape = std::move(report.shape);
  facts_.report.quotes_original = report.quotes_original;
  facts_.report.quotes_headers_fully = report.quotes_headers_fully;
  facts_.report.stamps = std::move(report.stamps);
  facts_.report.message_ids = std::move(report.message_ids);
  facts_.report.failed_recipients = std::move(report.failed_recipients);
  facts_.report.quoted_sender = std::move(report.quoted_sender);
  facts_.report.diagnostic = std::move(report.diagnostic);
}

void Examination::read_text() {
  facts_.visible_chars = text_.characters();
  facts_.text = text_.start();
}

void Examination::walk() {
  MimeLimits limits;
  limits.decoded_bytes = size_t{48} << 20;  // with the message itself, its copies and Poppler inside 256 MiB
  const MimeSummary summary = walk_mime(request_.header, request_.body, limits, *this);
  facts_.parts = summary.parts;
  facts_.limited = facts_.limited || summary.limited;
  read_text();
  take_report(report_.finish(request_.header, request_.body));
}

void Examination::open_archives() {
  std::vector<Found> inside;
  for (const Found& file : found_) {
    if (file.kind != FileKind::kZip || out_of_time()) continue;
    risk();
    const ArchiveSummary summary = find_in_zip(file.bytes(), {}, deadline_, [&](std::string name, std::string bytes) {
      ++facts_.pdf_count;
      Found pdf;
      pdf.kind = FileKind::kPdf;
      pdf.name = std::move(name);
      pdf.owned = std::move(bytes);
      inside.push_back(std::move(pdf));
    });
    facts_.limited = facts_.limited || summary.limited;
    facts_.unopened += summary.unopened;
  }
  for (Found& pdf : inside) found_.push_back(std::move(pdf));
}

void Examination::open_pdfs() {
  auto left = std::count_if(found_.begin(), found_.end(), [](const Found& f) { return f.kind == FileKind::kPdf; });
  for (const Found& file : found_) {
    if (file.kind != FileKind::kPdf) continue;
    if (facts_.pdfs.size() >= kMaxPdfs) {
      facts_.limited = true;
      return;
    }
    PdfFacts& pdf = facts_.pdfs.emplace_back();
    pdf.name = file.name;
    pdf.bytes = file.bytes().size();
    pdf.timeout = true;
    if (out_of_time()) continue;
    risk();
    // One that takes for ever leaves half of the time to those after it.
    open_pdf(file, --left > 0 ? deadline_.left() / 2 : deadline_.left());
  }
}

void Examination::open_pdf(const Found& file, Millis share) {
  PdfLimits limits;
  if (!request_.wants_pictures) limits.fingerprints = 0;
  GreyPicture* thumbnail = request_.thumbnail;
  if (thumbnail != nullptr) {
    limits.text_pages = limits.image_pages = 1;
    limits.fingerprints = limits.images;
    if (!thumbnail->empty()) thumbnail = nullptr;  // a PDF before has filled it
  }
  PdfFacts& pdf = facts_.pdfs.back();
  auto reading = std::make_unique<PdfReading>(file.bytes(), limits, deadline_.within(share), thumbnail);
  if (reading->pending() && (!request_.choose || waiting_pdfs_.size() >= kMostWaiting)) {
    reading->look(std::vector<bool>(reading->facts.images.size(), true), deadline_.within(share));
  }
  pdf = std::move(reading->facts);
  pdf.name = file.name;
  if (reading->pending()) waiting_pdfs_.push_back({facts_.pdfs.size() - 1, std::move(reading)});
}

void Examination::open_pictures() {
  PdfLimits limits;
  if (request_.choose) limits.fingerprints = 0;
  bool told = false;
  for (const Found& file : found_) {
    if (file.kind != FileKind::kJpeg || out_of_time()) continue;
    if (!std::exchange(told, true)) risk();
    if (request_.choose) waiting_pictures_.emplace_back(facts_.images.size(), file.bytes());
    facts_.images.push_back(jpeg_facts(file.bytes(), limits, deadline_));
    if (request_.choose && !facts_.images.back().skipped) waiting_pictures_.pop_back();
  }
}

// Decodes what the request's choice wants of all that it could have.
void Examination::look_at_pictures() {
  if ((waiting_pdfs_.empty() && waiting_pictures_.empty()) || out_of_time()) return;
  const std::vector<bool> chosen = request_.choose(facts_);
  const auto wants = [&chosen](size_t picture) { return picture < chosen.size() && chosen[picture]; };
  size_t first = 0, done = 0;  // pictures, in the order of for_each_picture()
  for (WaitingPdf& each : waiting_pdfs_) {
    for (; done < each.place; ++done) first += facts_.pdfs[done].images.size();
    PdfFacts& pdf = facts_.pdfs[each.place];
    std::vector<bool> own;
    for (size_t i = 0; i < pdf.images.size(); ++i) own.push_back(wants(first + i));
    const bool any = std::find(own.begin(), own.end(), true) != own.end();
    if (any && !out_of_time()) {
      each.reading->facts = std::move(pdf);
      each.reading->look(own, deadline_);
      pdf = std::move(each.reading->facts);
    }
    first += pdf.images.size();
    ++done;
    each.reading.reset();
  }
  for (; done < facts_.pdfs.size(); ++done) first += facts_.pdfs[done].images.size();
  for (const auto& [place, bytes] : waiting_pictures_) {
    if (wants(first + place) && !out_of_time()) facts_.images[place] = jpeg_facts(bytes, PdfLimits{}, deadline_);
  }
}

BodyFacts Examination::run() {
  facts_.inspected = true;
  facts_.truncated = request_.truncated;
  try {
    walk();
    open_archives();
    open_pdfs();
    open_pictures();
    look_at_pictures();
  } catch (const std::bad_alloc&) {  // the jail's memory limit: what was found until then stands
    facts_.limited = true;
  }
  return std::move(facts_);
}

}  // namespace

BodyFacts examine(const InspectRequest& request) { return examine(request, {}); }

BodyFacts examine(const InspectRequest& request, const Progress& before_risk) {
  return Examination(request, before_risk).run();
}

}  // namespace postern
