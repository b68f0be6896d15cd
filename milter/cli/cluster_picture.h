// SPDX-License-Identifier: GPL-2.0-or-later
// The server and every node of one moment: who applies what the server holds.  For `postern status` and the portal.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "store/admin.h"

namespace postern {

constexpr int64_t kNodeFresh = 30;  // seconds after which a node that is not heard of counts as lost

struct ClusterPicture {
  ServerInfo server;
  std::vector<NodeInfo> nodes;
};

// Whether a node applies other tables than the server holds, or is not heard of.
bool lags(const ClusterPicture& picture, const NodeInfo& node, UnixTime now);
// "current", "lags by 2", "3 bad rows", "not heard of for 5 min".
std::string state_words(const ClusterPicture& picture, const NodeInfo& node, UnixTime now);

}  // namespace postern
