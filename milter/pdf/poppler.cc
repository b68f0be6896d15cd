// SPDX-License-Identifier: GPL-2.0-or-later
// The only file that knows Poppler's private core API.  Written against 22.12; what later versions changed is told
// apart by the types themselves, not by version numbers.
#include <ctime>
#include <functional>
#include <set>
#include <type_traits>

#include <Catalog.h>
#include <Error.h>
#include <ErrorCodes.h>
#include <Gfx.h>
#include <GfxFont.h>
#include <GfxState.h>
#include <GlobalParams.h>
#include <Object.h>
#include <OutputDev.h>
#include <PDFDoc.h>
#include <Page.h>
#include <Stream.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "pdf/document.h"
#include "pdf/pdf.h"
#include "pdf/pdf_text.h"

namespace postern {

namespace {

constexpr size_t kMostMetadata = 65536;  // bytes of an XMP packet that are looked at
constexpr int kMostAnnotations = 200;    // of one page
constexpr size_t kMostUrls = 16;
constexpr unsigned kSamples = 1000;          // a picture is thinned out to this many pixels each way
constexpr uint64_t kMostContent = 64 << 20;  // bytes of a page's content
constexpr int kMostPixelsOfJpx = 25'000'000;

thread_local uint64_t syntax_errors = 0;

void on_error(ErrorCategory category, Goffset /*position*/, const char* /*text*/) {
  if (category == errSyntaxError) ++syntax_errors;
}

// reset() gives nothing up to 25.01 and a [[nodiscard]] bool from 25.02 on; 26 calls it rewind().
template <class S>
void to_start(S* stream) {
  if constexpr (requires { stream->rewind(); })
    (void)stream->rewind();
  else
    (void)stream->reset();
}

std::string read_stream(Stream* stream, size_t most) {
  std::string out;
  to_start(stream);
  std::array<unsigned char, 4096> chunk{};
  while (out.size() < most) {
    const int want = static_cast<int>(std::min(chunk.size(), most - out.size()));
    const int got = stream->doGetChars(want, chunk.data());
    if (got <= 0) break;
    out.append(reinterpret_cast<const char*>(chunk.data()), static_cast<size_t>(got));
  }
  stream->close();
  return out;
}

const char* filter_name(StreamKind kind) {
  switch (kind) {
    case strDCT:
      return "DCT";
    case strLZW:
      return "LZW";
    case strFlate:
      return "Flate";
    case strCCITTFax:
      return "CCITT";
    case strJBIG2:
      return "JBIG2";
    case strJPX:
      return "JPX";
    case strRunLength:
      return "RunLength";
    default:
      return "none";
  }
}

class PopplerPicture final : public DrawnPicture {
 public:
  PopplerPicture(Stream* stream, GfxImageColorMap* colours) : stream_(stream), colours_(colours) {}

  std::string jpeg(size_t most) override {
    if (stream_->getKind() != strDCT || stream_->getNextStream() == nullptr) return {};
    return read_stream(stream_->getNextStream(), most);
  }

  std::optional<Raster> pixels(Deadline deadline) override {
    const int components = colours_ != nullptr ? colours_->getNumPixelComps() : 1;
    const int bits = colours_ != nullptr ? colours_->getBits() : 1;
    const auto width = static_cast<unsigned>(facts.width), height = static_cast<unsigned>(facts.height);
    if (width == 0 || height == 0 || components < 1 || components > 32) return std::nullopt;
    const unsigned step_x = (width + kSamples - 1) / kSamples, step_y = (height + kSamples - 1) / kSamples;
    if (is_bomb()) return std::nullopt;
    ImageStream lines(stream_, static_cast<int>(width), components, bits);
    to_start(&lines);
    std::optional<Raster> out(std::in_place, width / step_x, height / step_y);
    for (unsigned y = 0; y < height; ++y) {
      unsigned char* line = lines.getLine();
      if (line == nullptr || deadline.passed()) break;
      if (y % step_y == 0 && y / step_y < out->height()) put(line, y / step_y, step_x, components, *out);
    }
    lines.close();
    return out;
  }

 private:
  // Poppler allots what a JBIG2 page claims, which may be far more than the dictionary says.
  bool is_bomb() const {
    if (stream_->getKind() != strJBIG2 || stream_->getNextStream() == nullptr) return false;
    return jbig2_pixels(read_stream(stream_->getNextStream(), 4096)) > 4 * facts.width * facts.height + 1'000'000;
  }

  void put(unsigned char* line, unsigned y, unsigned step, int components, Raster& out) {
    for (unsigned x = 0; x < out.width(); ++x) {
      unsigned char* pixel = line + static_cast<size_t>(x) * step * static_cast<size_t>(components);
      if (colours_ == nullptr) {
        const auto light = static_cast<uint8_t>(*pixel != 0 ? 255 : 0);
        out.set(x, y, light, light, light);
        continue;
      }
      GfxRGB rgb;
      colours_->getRGB(pixel, &rgb);
      out.set(x, y, colToByte(rgb.r), colToByte(rgb.g), colToByte(rgb.b));
    }
  }
  Stream* stream_;
  GfxImageColorMap* colours_;  // null: a stencil
};

// Receives what a page draws.  Paints nothing; shadings and most of tiling patterns are skipped.
class Walker final : public OutputDev {
 public:
  explicit Walker(PageVisitor& visitor) : visitor_(visitor) {}
  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool interpretType3Chars() override { return false; }
  // Poppler asks its abort callback only between operators that paint; forms inside forms may never paint.  A form
  // that is said to be drawn by us is not entered.
  bool useDrawForm() override { return visitor_.stop(); }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int /*type*/) override { return true; }
  bool functionShadedFill(GfxState*, GfxFunctionShading*) override { return true; }
  bool axialShadedFill(GfxState*, GfxAxialShading*, double, double) override { return true; }
  bool radialShadedFill(GfxState*, GfxRadialShading*, double, double) override { return true; }
  bool gouraudTriangleShadedFill(GfxState*, GfxGouraudTriangleShading*) override { return true; }
  bool patchMeshShadedFill(GfxState*, GfxPatchMeshShading*) override { return true; }
  // One tile stands for all.
  bool tilingPatternFill(GfxState* /*state*/, Gfx* gfx, Catalog* /*catalog*/, GfxTilingPattern* pattern,
                         const double* matrix, int, int, int, int, double, double) override {
    if (++tiles_ <= 16) gfx->drawForm(pattern->getContentStream(), pattern->getResDict(), matrix, pattern->getBBox());
    return true;
  }

  void updateFont(GfxState* state) override {
    if (state->getFont()) visitor_.font(state->getFont()->getID()->num);
  }

  void drawChar(GfxState* state, double x, double y, double dx, double dy, double /*origin_x*/, double /*origin_y*/,
                CharCode /*code*/, int /*bytes*/, const Unicode* unicode, int count) override {
    const double size = std::max(state->getTransformedFontSize(), 0.01);
    double at_x = 0, at_y = 0, to_x = 0, to_y = 0;
    state->transform(x, y, &at_x, &at_y);
    state->transform(x + dx, y + dy, &to_x, &to_y);
    const bool apart = std::fabs(at_y - last_y_) > size * 0.5 || std::fabs(at_x - last_x_) > size * 0.18;
    last_x_ = to_x;
    last_y_ = to_y;
    const Ink ink = ink_of(state, size);
    if (unicode == nullptr || count <= 0) visitor_.character(0, ink, apart);
    for (int i = 0; unicode != nullptr && i < count; ++i) visitor_.character(unicode[i], ink, apart && i == 0);
  }

  void drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
                 bool /*interpolate*/, const int* /*mask*/, bool is_inline) override {
    report(state, ref, stream, width, height, colours, is_inline);
  }
  void drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height, bool /*invert*/,
                     bool /*interpolate*/, bool is_inline) override {
    report(state, ref, stream, width, height, nullptr, is_inline);
  }
  void drawMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
                       bool /*interpolate*/, Stream* /*mask*/, int, int, bool, bool) override {
    report(state, ref, stream, width, height, colours, false);
  }
  void drawSoftMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                           GfxImageColorMap* colours, bool /*interpolate*/, Stream* /*mask*/, int, int,
                           GfxImageColorMap*, bool) override {
    report(state, ref, stream, width, height, colours, false);
  }
  void setSoftMaskFromImageMask(GfxState*, Object*, Stream*, int, int, bool, bool, double*) override {}

 private:
  static Ink ink_of(GfxState* state, double size) {
    const int render = state->getRender() & 3;
    if (render == 3) return Ink::kInvisible;
    if (size < 2.0) return Ink::kFaint;
    if (render == 1) return Ink::kVisible;
    if (state->getFillOpacity() < 0.05) return Ink::kFaint;
    if (state->getFillColorSpace()->getMode() == csPattern) return Ink::kVisible;
    GfxGray grey;
    state->getFillGray(&grey);
    return colToByte(grey) >= 246 ? Ink::kFaint : Ink::kVisible;
  }

  void report(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
              bool is_inline) {
    PopplerPicture picture(stream, colours);
    if (ref != nullptr && ref->isRef()) picture.object = ref->getRefNum();
    ImageFacts& facts = picture.facts;
    facts.filter = filter_name(stream->getKind());
    facts.width = static_cast<uint64_t>(std::max(width, 0));
    facts.height = static_cast<uint64_t>(std::max(height, 0));
    facts.mask = colours == nullptr;
    facts.inline_image = is_inline;
    facts.components = colours != nullptr ? static_cast<uint64_t>(std::max(colours->getNumPixelComps(), 0)) : 1;
    facts.bits = colours != nullptr ? static_cast<uint64_t>(std::max(colours->getBits(), 0)) : 1;
    if (Dict* dict = stream->getDict(); dict != nullptr && !is_inline) {
      const Object length = dict->lookup("Length");
      if (length.isInt() && length.getInt() > 0) facts.bytes = static_cast<uint64_t>(length.getInt());
    }
    picture.place = around(state);
    visitor_.picture(picture);
    if (is_inline) skip(stream, picture.facts);
  }

  // The interpreter goes on behind an inline picture, so its data must be read to the end.
  void skip(Stream* stream, const ImageFacts& facts) {
    const uint64_t row = (facts.width * facts.components * facts.bits + 7) / 8;
    uint64_t left = row * facts.height;
    to_start(stream);
    while (left-- > 0 && stream->getChar() != EOF) {
      if (left % 65536 == 0 && visitor_.stop()) break;
    }
    stream->close();
  }

  static Placement around(GfxState* state) {
    const double* m = state->getCTM();
    Placement place;
    place.left = m[4] + std::min({0.0, m[0], m[2], m[0] + m[2]});
    place.right = m[4] + std::max({0.0, m[0], m[2], m[0] + m[2]});
    place.top = m[5] + std::min({0.0, m[1], m[3], m[1] + m[3]});
    place.bottom = m[5] + std::max({0.0, m[1], m[3], m[1] + m[3]});
    return place;
  }

  PageVisitor& visitor_;
  double last_x_ = -1e9, last_y_ = -1e9;
  unsigned tiles_ = 0;
};

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
  explicit PopplerDocument(std::string_view bytes) : first_error_(syntax_errors) {
    auto stream = std::make_unique<MemStream>(bytes.data(), 0, static_cast<Goffset>(bytes.size()), Object(objNull));
    document_ = make_document<PDFDoc>(std::move(stream), [this] { repaired_ = true; });
  }

  bool opened() const override { return document_->isOk(); }
  uint64_t errors() const override { return syntax_errors - first_error_; }

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
    Page* page = document_->getPage(static_cast<int>(number));
    if (page == nullptr) return {};
    const bool turned = page->getRotate() == 90 || page->getRotate() == 270;
    const double width = page->getCropWidth(), height = page->getCropHeight();
    return turned ? PageSize{height, width} : PageSize{width, height};
  }

  void read_links(unsigned number, PdfFacts& facts) override {
    Page* page = document_->getPage(static_cast<int>(number));
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

  bool walk(unsigned number, PageVisitor& visitor) override {
    Page* page = document_->getPage(static_cast<int>(number));
    if (page == nullptr) return true;
    if (has_huge_jpx(page) || content_is_huge(page, visitor)) return false;
    Walker walker(visitor);
    const auto stop = [](void* data) { return static_cast<PageVisitor*>(data)->stop(); };
    // Annotations are never drawn: their appearance would make Poppler look for fonts on the disk.
    const auto no_annotations = [](Annot*, void*) { return false; };
    page->displaySlice(&walker, 72, 72, 0, false, false, -1, -1, -1, -1, false, stop, &visitor, no_annotations);
    return true;
  }

 private:
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
      read_xmp(read_stream(metadata.getStream(), kMostMetadata), facts);
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

  // Poppler decodes a JPEG 2000 picture as a whole before it can be asked anything, so its true size is looked up
  // first.  A page with one that is too large is not walked.
  static bool has_huge_jpx(Page* page) {
    Dict* resources = page->getResourceDict();
    if (resources == nullptr) return false;
    const Object objects = resources->lookup("XObject");
    if (!objects.isDict()) return false;
    for (int i = 0; i < std::min(objects.getDict()->getLength(), 256); ++i) {
      Object object = objects.getDict()->getVal(i);
      if (!object.isStream() || object.getStream()->getKind() != strJPX) continue;
      Stream* raw = object.getStream()->getNextStream();
      if (raw != nullptr && jpx_pixels(read_stream(raw, 4096)) > kMostPixelsOfJpx) return true;
    }
    return false;
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
  bool repaired_ = false;
  uint64_t first_error_;
};

}  // namespace

std::unique_ptr<Document> open_document(std::string_view bytes) { return std::make_unique<PopplerDocument>(bytes); }

void prepare_pdf() {
  ::tzset();
  if (!globalParams) globalParams = std::make_unique<GlobalParams>();
  globalParams->setErrQuiet(true);
  setErrorCallback(on_error);
}

}  // namespace postern
