// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/cluster_picture.h"

#include "cli/admin_setup.h"

namespace postern {

bool lags(const ClusterPicture& picture, const NodeInfo& node, UnixTime now) {
  const bool same = picture.server.digest.empty() ||
                    (node.digest == picture.server.digest && node.generation == picture.server.generation);
  return !same || now - node.seen_at > kNodeFresh;
}

std::string state_words(const ClusterPicture& picture, const NodeInfo& node, UnixTime now) {
  const int64_t unseen = now - node.seen_at;
  if (unseen > kNodeFresh) return "not heard of for " + age_words(unseen);
  if (lags(picture, node, now)) {
    const auto behind = static_cast<int64_t>(picture.server.generation) - static_cast<int64_t>(node.generation);
    return "lags" + (behind > 0 ? " by " + std::to_string(behind) : std::string());
  }
  return node.bad_rows > 0 ? std::to_string(node.bad_rows) + " bad rows" : "current";
}

}  // namespace postern
