// SPDX-License-Identifier: GPL-2.0-or-later
#include <Page.h>

#include <algorithm>
#include <utility>

#include "pdf/pdf_text.h"
#include "pdf/picture_content.h"
#include "pdf/poppler.h"
#include "pdf/poppler_font.h"

namespace postern {

namespace {

constexpr int kMostPixelsOfJpx = 25'000'000;
constexpr size_t kMostReduced = 16 << 20;  // bytes of content that are kept, to leave out what draws no pictures

// Decoded, the parts of an array one after the other, up to a little more than `most`.
std::optional<Bytes> read_content(const Object& contents, size_t most, PageVisitor& visitor) {
  Bytes out;
  const auto add = [&](const Object& part) {
    if (!part.isStream() || visitor.stop()) return false;
    Bytes bytes = read_stream(part.getStream(), most + 1 - std::min(out.size(), most));
    if (out.empty())
      out = std::move(bytes);
    else
      out.insert(out.end(), bytes.begin(), bytes.end());
    out.push_back('\n');
    return out.size() <= most;
  };
  if (contents.isNull()) return out;
  if (!contents.isArray()) return add(contents) ? std::optional(std::move(out)) : std::nullopt;
  for (int i = 0; i < contents.arrayGetLength(); ++i) {
    if (!add(contents.arrayGet(i))) return std::nullopt;
  }
  return out;
}

// Whether something holds for each of these names and what a page's resources of a kind have by it, null if nothing.
template <class Holds>
bool all_named(ObjectShelf& shelf, const Dict& resources, const char* kind, const std::set<std::string>& names,
               Holds holds) {
  if (names.empty()) return true;
  const Object entries = shelf.fetch(resources.lookupNF(kind));
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return holds(name, entries.isDict() ? shelf.fetch(entries.dictLookupNF(name.c_str())) : Object(objNull));
  });
}

// Whether a form that looks for what it needs among the page's own fonts may be drawn.
bool borrows_fonts(ObjectShelf& shelf, const Dict& resources, const std::set<std::string>& names) {
  return !all_named(shelf, resources, "XObject", names, [](const std::string& /*name*/, const Object& object) {
    if (!object.isStream() || !object.getStream()->getDict()->lookup("Subtype").isName("Form")) return true;
    const Object own = object.getStream()->getDict()->lookup("Resources");
    return own.isDict() && own.dictLookup("Font").isDict();
  });
}

// False if something is no font; one that is missing shows nothing.
bool resolve_fonts(ObjectShelf& shelf, const Dict& resources, const std::set<std::string>& names,
                   std::set<int>& identities) {
  const Object fonts = shelf.fetch(resources.lookupNF("Font"));
  if (!fonts.isDict()) return true;
  for (const std::string& name : names) {
    const Object& font = fonts.dictLookupNF(name.c_str());
    const std::optional<int> identity = font_identity(font);
    if (identity) identities.insert(*identity);
    if (!identity && !font.isNull()) return false;
  }
  return true;
}

// Those of ISO 32000-1 section 11.3.5 that anybody uses.
bool is_blend(const Object& mode) {
  return mode.isName() && (mode.isName("Normal") || mode.isName("Compatible") || mode.isName("Multiply") ||
                           mode.isName("Screen") || mode.isName("Overlay") || mode.isName("Darken"));
}

// Whether all that these graphics states do to text is to make it transparent.
bool are_plain(ObjectShelf& shelf, const Dict& resources, const std::set<std::string>& names) {
  return all_named(shelf, resources, "ExtGState", names, [](const std::string& /*name*/, const Object& state) {
    if (!state.isDict()) return false;
    const Object mask = state.dictLookup("SMask"), blend = state.dictLookup("BM");
    const bool usual = (mask.isNull() || mask.isName("None")) && (blend.isNull() || is_blend(blend));
    const auto has = [&state](const char* key) { return state.getDict()->hasKey(key); };
    return usual && !has("Font") && !has("D") && !has("TR") && !has("TR2");
  });
}

// False if a colour space may be that of patterns, or is missing.
bool fill_plainly(ObjectShelf& shelf, const Dict& resources, const std::set<std::string>& names) {
  return all_named(shelf, resources, "ColorSpace", names, [](const std::string& name, const Object& space) {
    if (space.isNull()) return name == "DeviceGray" || name == "DeviceRGB" || name == "DeviceCMYK";
    if (space.isName()) return !space.isName("Pattern");
    return space.isArray() && space.arrayGetLength() > 0 && !space.arrayGet(0).isName("Pattern");
  });
}

// Whether all patterns are shadings, which draw nothing that we look for; others are small contents of their own.
bool are_shadings(ObjectShelf& shelf, const Dict& resources, const std::set<std::string>& names) {
  return all_named(shelf, resources, "Pattern", names, [](const std::string& /*name*/, const Object& pattern) {
    if (!pattern.isDict()) return false;
    const Object type = pattern.dictLookup("PatternType");
    return type.isInt() && type.getInt() == 2;
  });
}

// Whether one of the graphics states has a soft mask, which is drawn.
bool has_soft_mask(ObjectShelf& shelf, const Dict& resources, const std::set<std::string>& names) {
  return !all_named(shelf, resources, "ExtGState", names, [](const std::string& /*name*/, const Object& state) {
    return !state.isDict() || !state.dictLookup("SMask").isDict();
  });
}

}  // namespace

PageWalker::Plan PageWalker::plan(Page* page, bool text, PageVisitor& visitor) {
  Plan out;
  shelf_.clear();
  const Dict* const resources = page->getResourceDict();
  const std::optional<Bytes> content = read_content(page->getContents(), kMostReduced, visitor);
  out.whole = out.draws = resources == nullptr || !content || visitor.sketch() != nullptr;
  if (out.whole) return out;
  PictureContent found = picture_content(view(*content), text, [&visitor] { return visitor.stop(); });
  out.whole = out.draws = found.whole || !are_shadings(shelf_, *resources, found.patterns) ||
                          !resolve_fonts(shelf_, *resources, found.fonts, out.shown);
  if (out.whole) return out;
  const bool masks = has_soft_mask(shelf_, *resources, found.states);
  out.draws = masks || !found.drawn.empty();
  out.none = !out.draws && (!text || found.fonts.empty());
  out.content = std::move(found.content);
  // Without text the interpreter has next to nothing to read.
  out.plain = text && !found.fonts.empty() && found.plain && !masks && are_plain(shelf_, *resources, found.states) &&
              fill_plainly(shelf_, *resources, found.spaces);
  if (!text || out.plain) found.fonts.clear();  // Poppler's interpreter needs none
  if (!masks && !borrows_fonts(shelf_, *resources, found.drawn)) out.fonts = std::move(found.fonts);
  return out;
}

bool PageWalker::has_huge_jpx(Page* page) {
  const Dict* const resources = page->getResourceDict();
  if (resources == nullptr) return false;
  const Object drawn = shelf_.fetch(resources->lookupNF("XObject"));
  if (!drawn.isDict()) return false;
  for (int i = 0; i < std::min(drawn.dictGetLength(), kMostObjects); ++i) {
    const Object object = shelf_.fetch(drawn.dictGetValNF(i));
    if (!object.isStream() || object.getStream()->getKind() != strJPX) continue;
    Stream* const raw = object.getStream()->getNextStream();
    if (raw != nullptr && jpx_pixels(view(read_stream(raw, 4096))) > kMostPixelsOfJpx) return true;
  }
  return false;
}

void PageWalker::walk(Page* page, const Plan& plan, PageVisitor& visitor) {
  if (plan.plain) return play(page, plan, visitor);
  const auto size = static_cast<Goffset>(plan.content.size());
  Object content = plan.whole
                       ? page->getContents()
                       : Object(static_cast<Stream*>(new MemStream(plan.content.data(), 0, size, Object(objNull))));
  if (!content.isNull()) draw(page, plan.fonts, content, visitor);
}

}  // namespace postern
