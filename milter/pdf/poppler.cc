// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/poppler.h"

#include <ctime>

#include <Catalog.h>
#include <Error.h>
#include <ErrorCodes.h>
#include <GlobalParams.h>
#include <PDFDoc.h>
#include <Page.h>

#include <algorithm>
#include <array>
#include <functional>
#include <type_traits>

#include "pdf/pdf.h"
#include "pdf/pdf_text.h"

namespace postern {

namespace {

constexpr size_t kMostMetadata = 65536;  // bytes of an XMP packet that are looked at
constexpr int kMostAnnotations = 200;    // of one page
constexpr size_t kMostUrls = 16;
constexpr uint64_t kMostContent = 64 << 20;  // bytes of a page's content

void on_error(ErrorCategory category, Goffset /*position*/, const char* /*text*/) {
  if (category == errSyntaxError) ++syntax_errors();
}

std::string text_of(const Object& object) {
  return object.isString() ? pdf_string(object.getString()->toStr().substr(0, 4096)) : std::string();
}

// PDFDoc's constructor changed with time: who owns the stream, and whether it takes a pointer for its caller.
template <class Doc>
std::unique_ptr<Doc> make_document(std::unique_ptr<BaseStream> stream, const std::function<void()>& on_repair) {
  using Password = std::optional<GooString>;
  if constexpr (std::is_constructible_v<Doc, BaseStream*, Password, Password, void*, std::function<void()>>) {
    return std::make_unique<Doc>(stream.release(), Password(), Password(), static_cast<void*>(nullptr), on_repair);
  } else if constexpr (std::is_constructible_v<Doc, BaseStream*, Password, Password, std::function<void()>>) {
    return std::make_unique<Doc>(stream.release(), Password(), Password(), on_repair);
  } else {
    return std::make_unique<Doc>(std::move(stream), Password(), Password(), on_repair);
  }
}

class PopplerDocument final : public Document {
 public:
  explicit PopplerDocument(std::string_view bytes) : first_error_(syntax_errors()) {
    auto stream = std::make_unique<MemStream>(bytes.data(), 0, static_cast<Goffset>(bytes.size()), Object(objNull));
    document_ = make_document<PDFDoc>(std::move(stream), [this] { repaired_ = true; });
    if (opened()) keep_catalog(*document_->getXRef());
  }

  bool opened() const override { return document_->isOk(); }
  uint64_t errors() const override { return syntax_errors() - first_error_; }

  void describe(PdfFacts& facts) override {
    facts.opened = opened();
    facts.locked = !opened() && document_->getErrorCode() == errEncrypted;
    facts.encrypted = facts.locked || (opened() && document_->isEncrypted());
    facts.repaired = repaired_;
    facts.broken = repaired_ || (!opened() && !facts.locked);
    if (!opened()) return;
    facts.pages = static_cast<uint64_t>(std::max(document_->getNumPages(), 0));
    read_info(facts);
    const Object root = document_->getXRef()->getCatalog();
    if (root.isDict()) read_catalog(root.getDict(), facts);
  }

  PageSize page_size(unsigned number) override {
    Page* page = page_of(number);
    if (page == nullptr) return {};
    const bool turned = page->getRotate() == 90 || page->getRotate() == 270;
    const double width = page->getCropWidth(), height = page->getCropHeight();
    return turned ? PageSize{height, width} : PageSize{width, height};
  }

  void read_links(unsigned number, PdfFacts& facts) override {
    Page* page = page_of(number);
    if (page == nullptr) return;
    const Object list = page->getAnnotsObject();
    if (!list.isArray()) return;
    for (int i = 0; i < std::min(list.arrayGetLength(), kMostAnnotations); ++i) {
      const Object annotation = list.arrayGet(i);
      if (!annotation.isDict()) continue;
      if (annotation.dictLookup("Subtype").isName("Link")) ++facts.links;
      note_action(annotation.dictLookup("A"), facts);
    }
  }

  bool walk(unsigned number, PageVisitor& visitor, bool text) override {
    Page* page = page_of(number);
    if (page == nullptr) return true;
    if (!walker_) walker_ = std::make_unique<PageWalker>(*document_);
    const PageWalker::Plan plan = walker_->plan(page, text, visitor);
    if (!text && !plan.whole) {
      for (const int font : plan.shown) visitor.font(font);
    }
    if (plan.none) return true;
    if ((plan.draws && walker_->has_huge_jpx(page)) || (plan.whole && content_is_huge(page, visitor))) return false;
    walker_->walk(page, plan, visitor);
    return true;
  }

 private:
  // Not by PDFDoc's own function, which reads hints and the whole form of a document that is linearized.
  Page* page_of(unsigned number) { return document_->getCatalog()->getPage(static_cast<int>(number)); }

  // Poppler asks for it again and again until the first page is walked.
  static void keep_catalog(XRef& objects) {
    const uint64_t before = syntax_errors();
    const Object catalog = objects.getCatalog();
    if (catalog.isDict() && syntax_errors() == before) keep_object(objects, objects.getRoot(), catalog);
    syntax_errors() = before;  // they will be seen again
  }

  void read_info(PdfFacts& facts) {
    const Object info = document_->getDocInfo();
    if (!info.isDict()) return;
    facts.info_keys = static_cast<uint64_t>(info.getDict()->getLength());
    const auto read = [&info](const char* key) { return text_of(info.dictLookup(key)); };
    facts.producer = read("Producer");
    facts.creator = read("Creator");
    facts.title = read("Title");
    facts.author = read("Author");
    facts.subject = read("Subject");
    facts.keywords = read("Keywords");
    facts.created = read("CreationDate");
    facts.modified = read("ModDate");
  }

  static void read_catalog(Dict* root, PdfFacts& facts) {
    Object metadata = root->lookup("Metadata");
    if (metadata.isStream()) {
      facts.xmp = true;
      read_xmp(view(read_stream(metadata.getStream(), kMostMetadata)), facts);
    }
    facts.form = root->lookup("AcroForm").isDict();
    const Object names = root->lookup("Names");
    if (names.isDict()) {
      facts.javascript = names.dictLookup("JavaScript").isDict();
      facts.embedded_files = names.dictLookup("EmbeddedFiles").isDict();
    }
    note_action(root->lookup("OpenAction"), facts);
  }

  static void note_action(const Object& action, PdfFacts& facts) {
    if (!action.isDict()) return;
    const Object kind = action.dictLookup("S");
    if (kind.isName("JavaScript")) facts.javascript = true;
    if (kind.isName("Launch")) facts.launch = true;
    if (!kind.isName("URI") || facts.urls.size() >= kMostUrls) return;
    const std::string url = text_of(action.dictLookup("URI"));
    if (!url.empty()) facts.urls.push_back(url.substr(0, 256));
  }

  // The interpreter cannot be stopped inside a run of blanks, so content that may inflate to much is measured first.
  static bool content_is_huge(Page* page, PageVisitor& visitor) {
    const Object contents = page->getContents();
    uint64_t size = 0;
    if (contents.isStream()) size = measured(contents.getStream(), visitor);
    for (int i = 0; contents.isArray() && i < contents.arrayGetLength() && size <= kMostContent; ++i) {
      const Object part = contents.arrayGet(i);
      if (part.isStream()) size += measured(part.getStream(), visitor);
      if (visitor.stop()) return true;
    }
    return size > kMostContent;
  }

  // Bytes that a stream gives, up to a little more than the limit; not read if compression (1032 to 1 at most) cannot
  // get there.
  static uint64_t measured(Stream* stream, PageVisitor& visitor) {
    const Object length = stream->getDict()->lookup("Length");
    const Object filter = stream->getDict()->lookup("Filter");
    const bool chained = filter.isArray() && filter.arrayGetLength() > 1;
    const auto raw = static_cast<uint64_t>(length.isInt() ? std::max(length.getInt(), 0) : INT32_MAX);
    if (filter.isNull()) return raw;
    if (!chained && raw * 1032 <= kMostContent) return raw;
    std::array<unsigned char, 16384> chunk{};
    uint64_t size = 0;
    to_start(stream);
    for (int got = 1; got > 0 && size <= kMostContent && !visitor.stop(); size += static_cast<uint64_t>(got)) {
      got = std::max(0, stream->doGetChars(static_cast<int>(chunk.size()), chunk.data()));
    }
    stream->close();
    return size;
  }

  std::unique_ptr<PDFDoc> document_;
  std::unique_ptr<PageWalker> walker_;
  bool repaired_ = false;
  uint64_t first_error_;
};

}  // namespace

uint64_t& syntax_errors() {
  thread_local uint64_t errors = 0;
  return errors;
}

std::unique_ptr<Document> open_document(std::string_view bytes) { return std::make_unique<PopplerDocument>(bytes); }

void prepare_pdf() {
  ::tzset();
  if (!globalParams) globalParams = std::make_unique<GlobalParams>();
  globalParams->setErrQuiet(true);
  setErrorCallback(on_error);
}

}  // namespace postern
