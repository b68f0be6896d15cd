// SPDX-License-Identifier: GPL-2.0-or-later
#include <Page.h>

#include <algorithm>
#include <utility>

#include "pdf/picture_content.h"
#include "pdf/poppler.h"

namespace postern {

namespace {

constexpr size_t kMostReduced = 16 << 20;  // bytes of content that are kept, to leave out what draws no pictures

// Decoded, the parts of an array one after the other, up to a little more than `most`.
std::optional<std::string> read_content(const Object& contents, size_t most, PageVisitor& visitor) {
  std::string out;
  const auto add = [&](const Object& part) {
    if (!part.isStream() || visitor.stop()) return false;
    out += read_stream(part.getStream(), most + 1 - std::min(out.size(), most));
    out += '\n';
    return out.size() <= most;
  };
  if (contents.isNull()) return out;
  if (!contents.isArray()) return add(contents) ? std::optional(std::move(out)) : std::nullopt;
  for (int i = 0; i < contents.arrayGetLength(); ++i) {
    if (!add(contents.arrayGet(i))) return std::nullopt;
  }
  return out;
}

// Whether a form that looks for what it needs among the page's own fonts may be drawn.
bool borrows_fonts(const Dict& resources, const std::set<std::string>& names) {
  const Object objects = resources.lookup("XObject");
  if (!objects.isDict()) return false;
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const Object object = objects.dictLookup(name.c_str());
    if (!object.isStream() || !object.getStream()->getDict()->lookup("Subtype").isName("Form")) return false;
    const Object own = object.getStream()->getDict()->lookup("Resources");
    return !own.isDict() || !own.dictLookup("Font").isDict();
  });
}

// False if a font stands in the page itself; a font that is missing shows nothing.
bool resolve_fonts(const Dict& resources, const std::set<std::string>& names, std::set<int>& objects) {
  const Object fonts = resources.lookup("Font");
  if (!fonts.isDict()) return true;
  for (const std::string& name : names) {
    const Object& font = fonts.dictLookupNF(name.c_str());
    if (font.isRef())
      objects.insert(font.getRefNum());
    else if (!font.isNull())
      return false;
  }
  return true;
}

// Whether one of the graphics states has a soft mask, which is drawn.
bool has_soft_mask(const Dict& resources, const std::set<std::string>& names) {
  const Object states = resources.lookup("ExtGState");
  if (!states.isDict()) return false;
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const Object state = states.dictLookup(name.c_str());
    return state.isDict() && state.dictLookup("SMask").isDict();
  });
}

}  // namespace

PageWalker::Plan PageWalker::plan(Page* page, bool text, PageVisitor& visitor) {
  Plan out;
  const Dict* const resources = page->getResourceDict();
  const std::optional<std::string> content = read_content(page->getContents(), kMostReduced, visitor);
  out.whole = out.draws = resources == nullptr || !content || visitor.sketch() != nullptr;
  if (out.whole) return out;
  PictureContent found = picture_content(*content, text, [&visitor] { return visitor.stop(); });
  out.whole = out.draws = found.whole || !resolve_fonts(*resources, found.fonts, out.shown);
  if (out.whole) return out;
  const bool masks = has_soft_mask(*resources, found.states);
  out.draws = masks || !found.drawn.empty();
  out.none = !out.draws && (!text || found.fonts.empty());
  out.content = std::move(found.content);
  if (!text) found.fonts.clear();
  if (!masks && !borrows_fonts(*resources, found.drawn)) out.fonts = std::move(found.fonts);
  return out;
}

void PageWalker::walk(Page* page, const Plan& plan, PageVisitor& visitor) {
  const auto size = static_cast<Goffset>(plan.content.size());
  Object content = plan.whole
                       ? page->getContents()
                       : Object(static_cast<Stream*>(new MemStream(plan.content.data(), 0, size, Object(objNull))));
  if (!content.isNull()) draw(page, page->getResourceDict(), plan.fonts, content, visitor);
}

}  // namespace postern
