// SPDX-License-Identifier: GPL-2.0-or-later
#include <Catalog.h>
#include <Gfx.h>
#include <PDFDoc.h>
#include <Page.h>

#include "pdf/poppler.h"
#include "pdf/poppler_device.h"

namespace postern {

namespace {

// Fonts of a page by their names, or all; or only those that are objects of their own.
Object choose_fonts(ObjectShelf& shelf, const Dict* resources, const std::optional<std::set<std::string>>& names,
                    bool references) {
  Object out(new Dict(&shelf.objects()));
  const Object fonts = resources != nullptr ? shelf.fetch(resources->lookupNF("Font")) : Object(objNull);
  for (int i = 0; fonts.isDict() && i < fonts.dictGetLength(); ++i) {
    const Object& font = fonts.dictGetValNF(i);
    const bool wanted = !names || names->contains(fonts.dictGetKey(i));
    if (wanted && (font.isRef() || !references)) out.dictAdd(fonts.dictGetKey(i), font.copy());
  }
  return out;
}

}  // namespace

PageWalker::PageWalker(PDFDoc& document)
    : document_(document),
      shelf_(*document.getXRef()),
      layers_(document.getCatalog()->getOptContentConfig() != nullptr),
      profiles_(shelf_),
      device_(std::make_unique<PageDevice>(shelf_)) {
  profiles_.hide_output();
}

PageWalker::~PageWalker() = default;

// An interpreter that has these fonts and nothing else of the page.
void PageWalker::begin(Page* page, const Object& fonts) {
  interpreter_.reset();
  shared_ = fonts.copy();
  Object base(new Dict(document_.getXRef()));
  base.dictSet("Font", shared_.copy());
  PDFRectangle box(frame_.box[0], frame_.box[1], frame_.box[2], frame_.box[3]);
  const auto stop = [](void* data) { return static_cast<PageDevice*>(data)->stop(); };
  interpreter_ = std::make_unique<Gfx>(&document_, device_.get(), page->getNum(), base.getDict(), 72, 72, &box,
                                       nullptr, frame_.rotation, stop, device_.get());
}

// Those that the interpreter does not have.
Object PageWalker::own_fonts(const Object& fonts) const {
  Object own(new Dict(document_.getXRef()));
  for (int i = 0; i < fonts.dictGetLength(); ++i) {
    const Object& font = fonts.dictGetValNF(i);
    const Object& known = shared_.dictLookupNF(fonts.dictGetKey(i));
    if (!font.isRef() || !known.isRef() || font.getRef() != known.getRef()) {
      own.dictAdd(fonts.dictGetKey(i), font.copy());
    }
  }
  return own;
}

PageFrame PageWalker::frame_of(Page* page) const {
  PageFrame frame;
  frame.rotation = (page->getRotate() % 360 + 360) % 360;
  PDFRectangle box;
  bool crop = false;
  page->makeBox(72, 72, frame.rotation, false, device_->upsideDown(), -1, -1, -1, -1, &box, &crop);
  frame.box = {box.x1, box.y1, box.x2, box.y2};
  return frame;
}

// As Page::displaySlice() does it, but without the page's annotations: to read them takes long, and their appearance
// would make Poppler look for fonts on the disk.
void PageWalker::enter(Page* page, const Names& names) {
  const Dict* const resources = page->getResourceDict();
  profiles_.hide_in(resources);
  const PageFrame frame = frame_of(page);
  const auto of_page = [&](bool references) {
    return choose_fonts(shelf_, resources, names, references);
  };
  if (!interpreter_ || layers_ || frame != frame_) {
    frame_ = frame;
    begin(page, of_page(true));
  }
  Object own(objNull);
  if (resources != nullptr) {
    own = Object(resources->copy(document_.getXRef()));
    own.dictSet("Font", own_fonts(of_page(false)));
  }
  interpreter_->pushResources(own.isDict() ? own.getDict() : nullptr);
  interpreter_->getState()->clearPath();  // which no state restores
  interpreter_->saveState();
}

void PageWalker::leave() {
  interpreter_->restoreState();
  interpreter_->popResources();
}

void PageWalker::draw(Page* page, const Names& fonts, Object& content, PageVisitor& visitor) {
  device_->begin(visitor);
  enter(page, fonts);
  interpreter_->display(&content);
  leave();
}

}  // namespace postern
