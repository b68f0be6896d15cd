// SPDX-License-Identifier: GPL-2.0-or-later
// postern status: the server and every node on one screen.  Exit status 1 when a node does not apply what the server
// holds, or has rows that it does not understand.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/cluster_picture.h"
#include "cli/facts_json.h"

namespace postern {
namespace {

using Picture = ClusterPicture;

Result<Picture> look(Admin& admin) {
  Picture out;
  auto server = admin.server();
  if (!server.ok()) return server.error();
  auto nodes = admin.nodes();
  if (!nodes.ok()) return nodes.error();
  out.server = std::move(server.value());
  out.nodes = std::move(nodes.value());
  return out;
}

// A node that is just applying a change gets a moment to say so.
Result<Picture> look_patiently(Admin& admin) {
  for (int tries = 0;; ++tries) {
    auto picture = look(admin);
    if (!picture.ok() || tries == 10) return picture;
    const auto& nodes = picture->nodes;
    if (std::none_of(nodes.begin(), nodes.end(), [&](const auto& node) { return lags(*picture, node, unix_now()); }))
      return picture;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void print_json(const Picture& picture) {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const NodeInfo& node : picture.nodes) {
    nlohmann::ordered_json json{{"node", node.name},
                                {"version", node.version},
                                {"generation", node.generation},
                                {"digest", node.digest},
                                {"lags", lags(picture, node, unix_now())},
                                {"read", iso_time(node.read_at)},
                                {"seen", iso_time(node.seen_at)},
                                {"bad-rows", node.bad_rows},
                                {"queued", node.queued_records},
                                {"dropped", node.dropped_records},
                                {"error", node.last_error}};
    for (const auto& [field, value] : node.more) json[field] = value;
    nodes.push_back(std::move(json));
  }
  const ServerInfo& server = picture.server;
  std::cout << dump_json({{"server", server.description},
                          {"role", server.role},
                          {"version", server.version},
                          {"generation", server.generation},
                          {"digest", server.digest},
                          {"replicas", server.replicas},
                          {"memory", server.memory},
                          {"nodes", nodes}})
            << "\n";
}

void print_text(const Picture& picture) {
  const ServerInfo& server = picture.server;
  std::cout << server.description;
  if (!server.role.empty()) {
    std::cout << " (" << server.role << ", version " << server.version << ", " << server.replicas << " replicas, "
              << server.memory / (1 << 20) << " MB)";
  }
  std::cout << ": generation " << server.generation << ", digest "
            << (server.digest.empty() ? "unknown" : server.digest) << "\n";
  if (picture.nodes.empty()) {
    std::cout << "No daemon has been heard of.\n";
    return;
  }
  std::vector<std::vector<std::string>> cells{
      {"NODE", "STATE", "GENERATION", "DIGEST", "READ", "VERSION", "QUEUED", "DROPPED"}};
  for (const NodeInfo& node : picture.nodes) {
    cells.push_back({printable(node.name), state_words(picture, node, unix_now()), std::to_string(node.generation),
                     node.digest, age_words(unix_now() - node.read_at) + " ago", node.version,
                     std::to_string(node.queued_records), std::to_string(node.dropped_records)});
  }
  std::cout << columns(cells);
  for (const NodeInfo& node : picture.nodes) {
    if (!node.last_error.empty())
      std::cout << node.name << ": last error: " << printable(node.last_error, 500) << "\n";
    for (const auto& [field, value] : node.more) {
      std::cout << node.name << ": " << printable(field) << ": " << printable(value, 500) << "\n";
    }
  }
}

}  // namespace

int run_status(const CommandContext& context) {
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  const auto picture = look_patiently(**admin);
  if (!picture.ok()) return complain(picture.error());
  context.json ? print_json(*picture) : print_text(*picture);
  const auto& nodes = picture->nodes;
  const bool good = std::none_of(nodes.begin(), nodes.end(), [&](const auto& node) {
    return lags(*picture, node, unix_now()) || node.bad_rows > 0;
  });
  return good ? 0 : 1;
}

}  // namespace postern
