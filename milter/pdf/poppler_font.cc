// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/poppler_font.h"

#include <Array.h>
#include <Dict.h>
#include <GlobalParams.h>

#include <algorithm>
#include <array>
#include <climits>
#include <functional>
#include <string>
#include <utility>

#include "pdf/poppler.h"

namespace postern {

namespace {

// Where a font's descriptor names the program of its glyphs, in the order in which Poppler looks for it.
constexpr std::array kPrograms{"FontFile", "FontFile2", "FontFile3"};

// A font's descriptor without the programs of its glyphs.
Object without_programs(const Object& descriptor, XRef* objects) {
  Object out(descriptor.getDict()->copy(objects));
  for (const char* key : kPrograms) out.getDict()->remove(key);
  return out;
}

// A stream's bytes, decoded by us, as a stream; where we cannot do that, it is what it was.
class DecodedStream {
 public:
  explicit DecodedStream(Object stream) : object_(std::move(stream)) {
    std::optional<Bytes> bytes =
        object_.isStream() ? decode_stream(object_.getStream(), kMostDecoded) : std::nullopt;
    decoded_ = bytes && bytes->size() < kMostDecoded;
    if (!decoded_) return;
    bytes_ = *std::move(bytes);
    const auto size = static_cast<Goffset>(bytes_.size());
    Object dictionary = object_.getStream()->getDictObject()->copy();
    object_ = Object(static_cast<Stream*>(new MemStream(bytes_.data(), 0, size, std::move(dictionary))));
  }
  DecodedStream(const DecodedStream&) = delete;
  DecodedStream& operator=(const DecodedStream&) = delete;
  const Object& object() const { return object_; }
  bool decoded() const { return decoded_; }

 private:
  static constexpr size_t kMostDecoded = 16 << 20;
  Bytes bytes_;
  Object object_;
  bool decoded_ = false;
};

// While it lives, Poppler finds a font's program decoded, which it would do itself, slowly, and twice in part.
class DecodedProgram {
 public:
  DecodedProgram(XRef& objects, const Object& descriptor) : objects_(objects) {
    for (const char* key : kPrograms) {
      if (!descriptor.isDict() || !descriptor.dictLookupNF(key).isRef()) continue;
      ref_ = descriptor.dictLookupNF(key).getRef();
      const uint64_t before = syntax_errors();
      stream_.emplace(objects.fetch(ref_));
      kept_ = stream_->decoded() && syntax_errors() == before;
      syntax_errors() = before;  // Poppler will see them
      if (kept_) keep_object(objects_, ref_, stream_->object());
      return;
    }
  }
  ~DecodedProgram() {
    if (kept_) keep_object(objects_, ref_, Object(objNull));
  }
  DecodedProgram(const DecodedProgram&) = delete;
  DecodedProgram& operator=(const DecodedProgram&) = delete;

 private:
  XRef& objects_;
  Ref ref_ = Ref::INVALID();
  std::optional<DecodedStream> stream_;
  bool kept_ = false;
};

// The font inside of one that takes several bytes a character, where no program matters; nothing if it is of no kind.
Object light_descendants(const Object& font, XRef* objects) {
  const Object fonts = font.dictLookup("DescendantFonts");
  const Object first = fonts.isArray() && fonts.arrayGetLength() > 0 ? fonts.arrayGet(0) : Object(objNull);
  if (!first.isDict()) return Object(objNull);
  const Object kind = first.dictLookup("Subtype"), descriptor = first.dictLookup("FontDescriptor");
  if (!kind.isName("CIDFontType0") && !kind.isName("CIDFontType2")) return Object(objNull);
  Object light(first.getDict()->copy(objects));
  light.getDict()->remove("CIDToGIDMap");
  if (descriptor.isDict()) light.dictSet("FontDescriptor", without_programs(descriptor, objects));
  Object list(new Array(objects));
  list.arrayAdd(std::move(light));
  return list;
}

constexpr size_t kMostWritten = 16384;  // bytes of a font's dictionary, as text
constexpr int kMostEntries = 1024;      // of an array
constexpr unsigned kDeepest = 4;        // dictionaries and arrays inside each other

// Writes an object as text, one that other objects have if they are the same.
void write_object(const Object& object, unsigned depth, std::string& out) {
  if (out.size() > kMostWritten || depth > kDeepest) return;
  if (object.isName()) out.append("/").append(object.getName());
  if (object.isNum()) out.append(" ").append(std::to_string(object.getNum()));
  if (object.isString()) out.append("(").append(object.getString()->toStr());
  if (object.isRef()) out.append(" ").append(std::to_string(object.getRefNum())).append("R");
  for (int i = 0; object.isArray() && i < std::min(object.arrayGetLength(), kMostEntries); ++i) {
    write_object(object.arrayGetNF(i), depth + 1, out);
  }
  for (int i = 0; object.isDict() && i < object.dictGetLength(); ++i) {
    out.append("<").append(object.dictGetKey(i));
    write_object(object.dictGetValNF(i), depth + 1, out);
  }
}

bool is_base_encoding(const Object& name) {
  return name.isName("WinAnsiEncoding") || name.isName("MacRomanEncoding") || name.isName("MacExpertEncoding");
}

// Characters that the encoding (section 9.6.6) names itself, by names that everybody knows.
std::bitset<256> named_characters(const Object& encoding) {
  std::bitset<256> out;
  const Object names = encoding.isDict() ? encoding.dictLookup("Differences") : Object(objNull);
  for (int i = 0, code = 0; names.isArray() && i < names.arrayGetLength(); ++i) {
    const Object each = names.arrayGet(i);
    if (each.isInt()) code = each.getInt();
    if (!each.isName() || code < 0 || code > 255) continue;
    out[static_cast<size_t>(code++)] = globalParams->mapNameToUnicodeText(each.getName()) != 0;
  }
  return out;
}

// Characters whose meaning and width the font's own dictionary tells.
std::bitset<256> told_characters(const Object& font) {
  const Object encoding = font.dictLookup("Encoding");
  if (encoding.isDict() ? is_base_encoding(encoding.dictLookup("BaseEncoding")) : is_base_encoding(encoding))
    return std::bitset<256>().set();
  if (!font.dictLookup("Widths").isArray()) return {};
  return named_characters(encoding);
}

}  // namespace

std::optional<int> font_identity(const Object& font) {
  if (font.isRef()) return font.getRefNum();
  if (!font.isDict()) return std::nullopt;
  std::string text;
  write_object(font, 0, text);
  return -1 - static_cast<int>(std::hash<std::string>()(text) & (INT_MAX >> 1));
}

PopplerFont::PopplerFont(XRef* objects, Ref ref, const Object& dictionary) : objects_(objects), ref_(ref) {
  Object light(dictionary.getDict()->copy(objects));
  const Object descriptor = dictionary.dictLookup("FontDescriptor");
  const DecodedStream meaning(dictionary.dictLookup("ToUnicode"));
  if (!meaning.object().isNull()) light.dictSet("ToUnicode", meaning.object().copy());
  if (dictionary.dictLookup("Subtype").isName("Type0")) {
    known_.set();
    Object inner = light_descendants(dictionary, objects);
    if (!inner.isNull()) light.dictSet("DescendantFonts", std::move(inner));
  } else if (descriptor.isDict()) {
    known_ = told_characters(dictionary);
    if (known_.any() && !known_.all()) {
      whole_ = Object(dictionary.getDict()->copy(objects));
      whole_.dictSet("FontDescriptor", descriptor.copy());
    }
    light.dictSet("FontDescriptor", known_.any() ? without_programs(descriptor, objects) : descriptor.copy());
  }
  make(light);
}

void PopplerFont::make(const Object& dictionary) const {
  const DecodedProgram program(*objects_, dictionary.dictLookup("FontDescriptor"));
  std::shared_ptr<GfxFont> font = GfxFont::makeFont(objects_, "", ref_, dictionary.getDict());
  if (font && font->isOk()) font_ = std::move(font);
}

void PopplerFont::next(std::string_view text, Glyph& glyph) const {
  if (!known_[static_cast<unsigned char>(text[0])] && whole_.isDict()) {
    make(whole_);
    whole_.setToNull();
  }
  CharCode code = 0;
  double origin_x = 0, origin_y = 0;
  glyph.unicode = nullptr;
  glyph.count = 0;
  glyph.bytes = static_cast<size_t>(
      std::max(1, font_->getNextChar(text.data(), static_cast<int>(text.size()), &code, &glyph.unicode, &glyph.count,
                                     &glyph.width, &glyph.height, &origin_x, &origin_y)));
}

}  // namespace postern
