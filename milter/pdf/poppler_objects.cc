// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/poppler.h"

namespace postern {

void keep_object(XRef& objects, Ref ref, const Object& object) {
  if (ref.num < 0 || ref.num >= objects.getNumObjects()) return;
  XRefEntry* const entry = objects.getEntry(ref.num);
  if (entry->type != xrefEntryNone) entry->obj = object.copy();  // else it is one that all documents share
}

Object ObjectShelf::fetch(const Object& reference) {
  if (!reference.isRef()) return reference.copy();
  Object object = find(reference.getRef());
  if (!object.isNone()) return object;
  const uint64_t before = syntax_errors();
  object = reference.fetch(&objects_);
  if (kept_.size() < kMost && syntax_errors() == before) kept_.emplace(reference.getRef(), object.copy());
  return object;
}

Object ObjectShelf::find(Ref ref) const {
  const auto found = kept_.find(ref);
  return found != kept_.end() ? found->second.copy() : Object();
}

}  // namespace postern
