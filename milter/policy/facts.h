// SPDX-License-Identifier: GPL-2.0-or-later
// What is known about one message, as plain values.  Detectors fill these structures; rules, bounce judgement and
// `postern scan` read them; nobody decides here.
//
// Each structure lists its facts once, in each(): name, member, help.  From that one list come the record that the
// jailed inspector sends (inspect/record), the names that rules use ("pdf.pages", "image.width"), the JSON of
// `postern scan` and the table in postern-rules(5).  To add a fact: add the member and its line in each().
// Members are bool, uint64_t, double, std::string or std::vector<std::string>.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace postern {

// A picture inside a PDF, or attached by itself.  Rules see it as image.*
struct ImageFacts {
  std::string filter;          // "DCT", "LZW", "Flate", "CCITT", "JBIG2", "JPX", "RunLength", "none"
  uint64_t width = 0;
  uint64_t height = 0;
  uint64_t real_width = 0;
  uint64_t real_height = 0;
  uint64_t bits = 0;
  uint64_t components = 0;
  uint64_t bytes = 0;
  uint64_t page = 0;
  uint64_t drawn = 0;
  double coverage = 0;
  double dpi = 0;
  bool unscaled = false;
  bool inline_image = false;
  bool mask = false;
  bool broken = false;
  uint64_t quality = 0;        // the next five: JPEG only
  bool progressive = false;
  bool jfif = false;
  bool exif = false;
  bool adobe = false;
  bool skipped = false;
  bool decoded = false;
  uint64_t colours = 0;        // the rest up to the fingerprint: only if decoded
  double paper = 0;
  double edges = 0;
  double dots = 0;
  double border_noise = 0;
  uint64_t text_lines = 0;
  double line_height = 0;
  std::string fingerprint;     // perceptual hash in hex; empty if it was not computed
  std::vector<std::string> moved;  // the same of the picture moved or zoomed by a little
  uint64_t seen = 0;           // these five are filled by judge/ from the store
  uint64_t seen_clients = 0;
  uint64_t seen_recipients = 0;
  bool allowed = false;
  bool blocked = false;

  template <class Self, class Visit>
  static void each(Self& f, Visit&& visit) {
    visit("filter", f.filter, "compression: DCT (JPEG), LZW, Flate, CCITT, JBIG2, JPX, RunLength or none");
    visit("width", f.width, "declared width in pixels");
    visit("height", f.height, "declared height in pixels");
    visit("real_width", f.real_width, "width that the compressed data states, 0 if it was not looked at");
    visit("real_height", f.real_height, "height that the compressed data states, 0 if it was not looked at");
    visit("bits", f.bits, "bits of each colour component");
    visit("components", f.components, "colour components: 1 grey, 3 colour, 4 ink");
    visit("bytes", f.bytes, "size of the compressed picture, 0 if unknown");
    visit("page", f.page, "first page on which it is drawn, counted from 1; 0 if it is not in a PDF");
    visit("drawn", f.drawn, "how often it is drawn on the pages that were looked at");
    visit("coverage", f.coverage, "part of its page that it covers, 0 to 1");
    visit("dpi", f.dpi, "resolution as drawn, in pixels per inch of the page");
    visit("unscaled", f.unscaled, "whether one pixel is drawn as one point (72 dpi), as image spam does");
    visit("inline_image", f.inline_image, "whether it stands in the page itself and not in an object");
    visit("mask", f.mask, "whether it is a stencil and not a picture");
    visit("broken", f.broken, "whether its data could not be read");
    visit("quality", f.quality, "estimated JPEG quality, 1 to 100; 0 if it is no JPEG");
    visit("progressive", f.progressive, "whether it is a progressive JPEG");
    visit("jfif", f.jfif, "whether the JPEG has a JFIF mark");
    visit("exif", f.exif, "whether the JPEG has EXIF data, as cameras write it");
    visit("adobe", f.adobe, "whether the JPEG has an Adobe mark");
    visit("skipped", f.skipped, "whether its pixels were not looked at because nothing could come of it");
    visit("decoded", f.decoded, "whether its pixels were looked at");
    visit("colours", f.colours, "distinct colours (of 4096) that fill at least a thousandth of it each");
    visit("paper", f.paper, "part of it that has the most frequent brightness: high for text, low for photos");
    visit("edges", f.edges, "part of its pixels that differ sharply from their neighbour");
    visit("dots", f.dots, "part of its pixels that differ sharply from all their neighbours");
    visit("border_noise", f.border_noise, "how much rougher its outermost twentieth is than the rest, 0 to 1");
    visit("text_lines", f.text_lines, "bands of ink that look like lines of text");
    visit("line_height", f.line_height, "typical height of such a band as part of the picture's shorter side");
    visit("fingerprint", f.fingerprint, "perceptual hash in hexadecimal digits, empty if not computed");
    visit("moved", f.moved, "perceptual hashes of the picture moved or zoomed by a little, to find cropped copies");
    visit("seen", f.seen, "messages with such a picture in the last 24 hours, this one included");
    visit("seen_clients", f.seen_clients, "clients that sent such a picture in the last 24 hours");
    visit("seen_recipients", f.seen_recipients, "recipients that got such a picture in the last 24 hours");
    visit("allowed", f.allowed, "whether such pictures are known to be harmless");
    visit("blocked", f.blocked, "whether the administrator has blocked such pictures");
  }
};

// One PDF of the message, wherever it was found.  Rules see it as pdf.*
struct PdfFacts {
  std::string name;            // file name of the attachment, or of the entry of an archive
  uint64_t bytes = 0;
  uint64_t header_offset = 0;
  std::string version;         // "1.3"
  bool opened = false;
  bool broken = false;
  bool repaired = false;
  uint64_t errors = 0;
  bool encrypted = false;
  bool locked = false;
  bool oversized = false;
  bool timeout = false;
  uint64_t micros = 0;
  uint64_t memory = 0;
  uint64_t pages = 0;
  double page_width = 0;       // points
  double page_height = 0;
  bool paper_size = false;
  std::string producer, creator, title, author, subject, keywords, created, modified;
  uint64_t info_keys = 0;
  bool xmp = false;
  uint64_t fonts = 0;
  uint64_t text_chars = 0;
  uint64_t first_page_chars = 0;
  uint64_t invisible_chars = 0;
  uint64_t faint_chars = 0;
  double random_text = 0;
  std::string text;
  uint64_t links = 0;
  std::vector<std::string> urls;
  bool javascript = false;
  bool launch = false;
  bool embedded_files = false;
  bool form = false;
  uint64_t image_count = 0;
  uint64_t image_distinct = 0;
  uint64_t first_page_images = 0;
  uint64_t later_images = 0;
  bool unscaled = false;
  double picture_width = 0;
  double picture_height = 0;
  double picture_coverage = 0;
  bool page_fits_picture = false;
  std::vector<ImageFacts> images;  // the first few

  template <class Self, class Visit>
  static void each(Self& f, Visit&& visit) {
    visit("name", f.name, "file name it came under");
    visit("bytes", f.bytes, "size of the file");
    visit("header_offset", f.header_offset, "where %PDF- stands in it, 0 to 1023");
    visit("version", f.version, "version of its header, for example 1.3");
    visit("opened", f.opened, "whether it could be opened");
    visit("broken", f.broken, "whether it is damaged (also when it could be repaired)");
    visit("repaired", f.repaired, "whether its table of objects had to be rebuilt");
    visit("errors", f.errors, "faults of syntax met while reading it");
    visit("encrypted", f.encrypted, "whether it is encrypted");
    visit("locked", f.locked, "whether it needs a password to be read");
    visit("oversized", f.oversized, "whether a page or picture was too large to be looked at");
    visit("timeout", f.timeout, "whether looking at it took too long");
    visit("micros", f.micros, "microseconds that looking at it took");
    visit("memory", f.memory, "bytes of memory that looking at it took, as seen after each page and picture");
    visit("pages", f.pages, "number of pages");
    visit("page_width", f.page_width, "width of the first page in points");
    visit("page_height", f.page_height, "height of the first page in points");
    visit("paper_size", f.paper_size, "whether the first page has the size of some paper: A3 to A6, Letter, Legal");
    visit("producer", f.producer, "Producer of the Info dictionary or XMP");
    visit("creator", f.creator, "Creator (tool) of the Info dictionary or XMP");
    visit("title", f.title, "Title");
    visit("author", f.author, "Author");
    visit("subject", f.subject, "Subject of the Info dictionary");
    visit("keywords", f.keywords, "Keywords of the Info dictionary or XMP");
    visit("created", f.created, "CreationDate as written");
    visit("modified", f.modified, "ModDate as written");
    visit("info_keys", f.info_keys, "entries of the Info dictionary");
    visit("xmp", f.xmp, "whether it has an XMP packet");
    visit("fonts", f.fonts, "fonts used on the first pages");
    visit("text_chars", f.text_chars, "visible characters of text on the first pages");
    visit("first_page_chars", f.first_page_chars, "visible characters of text on page 1");
    visit("invisible_chars", f.invisible_chars, "characters not painted, as text recognition puts below a scan");
    visit("faint_chars", f.faint_chars, "characters painted white or under 2 points high");
    visit("random_text", f.random_text, "part of the words that read like random characters, 0 to 1");
    visit("text", f.text, "start of the text, whether visible or not");
    visit("links", f.links, "links on the first pages");
    visit("urls", f.urls, "addresses that the first links lead to");
    visit("javascript", f.javascript, "whether it holds JavaScript");
    visit("launch", f.launch, "whether it would start a program or open another file");
    visit("embedded_files", f.embedded_files, "whether other files are embedded");
    visit("form", f.form, "whether it is a form");
    visit("image_count", f.image_count, "pictures drawn on the first pages");
    visit("image_distinct", f.image_distinct, "different pictures drawn on the first pages");
    visit("first_page_images", f.first_page_images, "pictures drawn on page 1");
    visit("later_images", f.later_images, "pictures drawn on the other pages that were looked at");
    visit("unscaled", f.unscaled, "whether all pictures of page 1 are drawn with one pixel as one point");
    visit("picture_width", f.picture_width, "width in points of the area that the pictures of page 1 take");
    visit("picture_height", f.picture_height, "height in points of the area that the pictures of page 1 take");
    visit("picture_coverage", f.picture_coverage, "part of page 1 inside that area, 0 to 1");
    visit("page_fits_picture", f.page_fits_picture, "whether page 1 is hardly larger than that area");
  }
};

// A leaf part of the message that a mail reader shows as an attachment.  Rules see it as attachment.*
struct AttachmentFacts {
  std::string name;
  std::string type;            // media type, lower case: "application/pdf"
  std::string encoding;        // content transfer encoding, lower case
  uint64_t bytes = 0;          // decoded
  bool pdf = false;

  template <class Self, class Visit>
  static void each(Self& f, Visit&& visit) {
    visit("name", f.name, "file name, decoded (RFC 2231, RFC 2047)");
    visit("type", f.type, "declared media type in lower case");
    visit("encoding", f.encoding, "content transfer encoding in lower case");
    visit("bytes", f.bytes, "decoded size");
    visit("pdf", f.pdf, "whether its bytes are a PDF, whatever its name and type say");
  }
};

// What the body says about an earlier message of ours: delivery reports and their relatives.  Rules: report.*
struct ReportFacts {
  std::string shape;                           // by MIME shape: failure, delay, success, mdn, feedback, or empty
  bool quotes_original = false;                // a header block of another message was found
  bool quotes_headers_fully = false;           // that block is whole (message/rfc822, text/rfc822-headers)
  std::vector<std::string> stamps;             // X-Postern-ID values inside quoted originals
  std::vector<std::string> message_ids;        // Message-IDs of quoted originals, with <>
  std::vector<std::string> failed_recipients;  // addresses that the report says it is about
  std::string quoted_sender;                   // From or Return-Path of the quoted original
  std::string diagnostic;                      // first diagnostic text

  template <class Self, class Visit>
  static void each(Self& f, Visit&& visit) {
    visit("shape", f.shape, "what its MIME shape says it is: failure, delay, success, mdn, feedback, or nothing");
    visit("quotes_original", f.quotes_original, "whether a header block of an earlier message was found");
    visit("quotes_headers_fully", f.quotes_headers_fully, "whether that header block is complete");
    visit("stamps", f.stamps, "X-Postern-ID values in quoted originals");
    visit("message_ids", f.message_ids, "Message-IDs of quoted originals");
    visit("failed_recipients", f.failed_recipients, "recipients that the report is about");
    visit("quoted_sender", f.quoted_sender, "sender of the quoted original");
    visit("diagnostic", f.diagnostic, "first diagnostic text of the report");
  }
};

// What the jailed inspector finds in one message's body.  Rules see the plain members as body.*
struct BodyFacts {
  bool inspected = false;
  bool truncated = false;
  bool timeout = false;
  bool limited = false;
  uint64_t parts = 0;
  uint64_t visible_chars = 0;
  std::string text;            // start of the visible text
  uint64_t pdf_count = 0;
  uint64_t unopened = 0;
  std::vector<AttachmentFacts> attachments;
  std::vector<PdfFacts> pdfs;
  std::vector<ImageFacts> images;  // attached pictures (not inside PDFs)
  ReportFacts report;

  template <class Self, class Visit>
  static void each(Self& f, Visit&& visit) {
    visit("inspected", f.inspected, "whether the body was looked at");
    visit("truncated", f.truncated, "whether only the start of the body was looked at (body-limit)");
    visit("timeout", f.timeout, "whether looking at it took too long or ended an inspector");
    visit("limited", f.limited, "whether a limit on parts, depth or attachments was reached");
    visit("parts", f.parts, "number of MIME parts");
    visit("visible_chars", f.visible_chars, "characters that a reader sees, blanks not counted");
    visit("text", f.text, "start of the visible text");
    visit("pdf_count", f.pdf_count, "number of PDFs found");
    visit("unopened", f.unopened,
          "files that may hold others and were not opened: encrypted or damaged zip entries, RAR, 7z, gzip, TNEF");
  }
};

// What headers and envelope say, found in the daemon itself.  Rules see it without a prefix.
struct MessageFacts {
  std::string sender;          // envelope sender, empty for the null sender
  std::string from;            // From field, decoded
  std::string from_address;
  std::string subject;         // decoded
  std::string message_id;
  std::string mailer;          // User-Agent or X-Mailer
  std::string auto_submitted;
  std::string content_type;    // media type in lower case
  std::string precedence;
  bool null_sender = false;
  bool agent_time_wrong = false;
  bool subject_is_attachment = false;
  uint64_t bytes = 0;
  uint64_t recipients = 0;

  template <class Self, class Visit>
  static void each(Self& f, Visit&& visit) {
    visit("sender", f.sender, "envelope sender in lower case, empty for the null sender");
    visit("from", f.from, "From field, decoded");
    visit("from_address", f.from_address, "address of the From field in lower case");
    visit("subject", f.subject, "Subject, decoded");
    visit("message_id", f.message_id, "Message-ID with its <>");
    visit("mailer", f.mailer, "User-Agent or X-Mailer");
    visit("auto_submitted", f.auto_submitted, "Auto-Submitted in lower case (RFC 3834)");
    visit("content_type", f.content_type, "media type of the whole message in lower case");
    visit("precedence", f.precedence, "Precedence in lower case");
    visit("null_sender", f.null_sender, "whether the envelope sender is <>");
    visit("agent_time_wrong", f.agent_time_wrong,
          "whether it claims an old Thunderbird whose Message-ID would hold the time of Date, and it does not");
    visit("subject_is_attachment", f.subject_is_attachment, "whether the Subject names an attachment");
    visit("bytes", f.bytes, "size of the message as far as it was read");
    visit("recipients", f.recipients, "number of envelope recipients");
  }
};

// Calls `visit` for each picture of the message: those in PDFs, then those attached.
template <class Body, class Visit>
void for_each_picture(Body& body, Visit&& visit) {
  for (auto& pdf : body.pdfs) {
    for (auto& picture : pdf.images) visit(picture);
  }
  for (auto& picture : body.images) visit(picture);
}

struct HeaderField {
  std::string name;
  std::string value;  // unfolded, without the leading space
};

struct Facts {
  MessageFacts message;
  BodyFacts body;
  std::vector<HeaderField> headers;  // top level, in order; rules see them as header.NAME
};

}  // namespace postern
