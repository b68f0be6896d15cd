// SPDX-License-Identifier: GPL-2.0-or-later
// A store that is only looked at, for `postern scan`: judging a saved message leaves no record of it, raises no count
// that others share, and does not make a domain one that stamps.
#pragma once

#include <memory>

#include "store/store.h"

namespace postern {

std::unique_ptr<Store> only_looking(std::unique_ptr<Store> store);

}  // namespace postern
