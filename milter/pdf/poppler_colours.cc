// SPDX-License-Identifier: GPL-2.0-or-later
#include <Object.h>
#include <Page.h>

#include <algorithm>
#include <utility>

#include "pdf/poppler.h"

namespace postern {

namespace {

constexpr unsigned kDeepest = 4;   // forms and colour spaces inside each other

}  // namespace

// An interpreter begins with preparing to show colours as a printing press would (OutputIntents, which every PDF/A
// has): ten times as long as all the rest of a usual page.
void ProfileHider::hide_output() {
  const Object catalog = objects_.getCatalog();
  keep_object(objects_, objects_.getRoot(), Object(objNull));
  if (!catalog.isDict() || !catalog.getDict()->hasKey("OutputIntents")) return;
  Object without(catalog.getDict()->copy(&objects_));
  without.getDict()->remove("OutputIntents");
  objects_.setModifiedObject(&without, objects_.getRoot());
}

void ProfileHider::hide_in(const Dict* resources) {
  if (resources != nullptr) read_resources(*resources, 0);
}

void ProfileHider::read_resources(const Dict& resources, unsigned depth) {
  const Object spaces = shelf_.fetch(resources.lookupNF("ColorSpace"));
  const Object drawn = shelf_.fetch(resources.lookupNF("XObject"));
  for (int i = 0; spaces.isDict() && i < std::min(spaces.dictGetLength(), kMostObjects); ++i) {
    read_space(spaces.dictGetVal(i), depth);
  }
  for (int i = 0; drawn.isDict() && i < std::min(drawn.dictGetLength(), kMostObjects); ++i) {
    const Object& reference = drawn.dictGetValNF(i);
    if (reference.isRef() && !seen_.insert(reference.getRefNum()).second) continue;
    const Object object = shelf_.fetch(reference);
    if (!object.isStream() || depth >= kDeepest) continue;
    const Dict& entries = *object.getStream()->getDict();
    read_space(entries.lookup("ColorSpace"), depth);
    const Object group = entries.lookup("Group"), own = entries.lookup("Resources");
    if (group.isDict()) read_space(group.dictLookup("CS"), depth);
    if (own.isDict()) read_resources(*own.getDict(), depth + 1);
  }
}

// ISO 32000-1 section 8.6: [/ICCBased profile], [/Indexed base ...], [/Pattern base], [/Separation names alternate
// ...].
void ProfileHider::read_space(const Object& space, unsigned depth) {
  if (!space.isArray() || space.arrayGetLength() < 2 || depth > kDeepest) return;
  const Object kind = space.arrayGet(0);
  if (kind.isName("ICCBased")) {
    const Object& profile = space.arrayGetNF(1);
    if (profile.isRef()) hide(profile.getRef());
  } else if (kind.isName("Indexed") || kind.isName("Pattern")) {
    read_space(space.arrayGet(1), depth + 1);
  } else if ((kind.isName("Separation") || kind.isName("DeviceN")) && space.arrayGetLength() > 2) {
    read_space(space.arrayGet(2), depth + 1);
  }
}

// Without its data Poppler takes the colour space that stands in for it, and Poppler says so by a warning only.
void ProfileHider::hide(Ref profile) {
  if (!seen_.insert(profile.num).second) return;
  const Object stream = objects_.fetch(profile);
  if (!stream.isStream()) return;
  Object entries(new Dict(&objects_));
  for (const char* key : {"N", "Alternate", "Range"}) {
    const Object& entry = stream.getStream()->getDict()->lookupNF(key);
    if (!entry.isNull()) entries.dictSet(key, entry.copy());
  }
  Object hidden(static_cast<Stream*>(new MemStream("", 0, 0, std::move(entries))));
  objects_.setModifiedObject(&hidden, profile);
}

}  // namespace postern
