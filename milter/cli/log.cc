// SPDX-License-Identifier: GPL-2.0-or-later
// postern log QUEUEID: the MTA's lines and ours about one message, and what they mean.
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "cli/log_source.h"
#include "cli/mail_story.h"

namespace postern {
namespace {

nlohmann::ordered_json story_json(const MailStory& story) {
  nlohmann::ordered_json json{{"id", story.id},           {"from", story.sender},   {"client", story.client},
                              {"verdict", story.verdict}, {"score", story.score},   {"rules", story.rules},
                              {"bounce", story.bounce},   {"action", story.action}, {"generation", story.generation},
                              {"reason", story.reason}};
  json["recipients"] = nlohmann::ordered_json::array();
  for (const JudgedRecipient& each : story.judged) {
    json["recipients"].push_back({{"to", each.address}, {"action", each.action}, {"policy", each.policy}});
  }
  json["deliveries"] = nlohmann::ordered_json::array();
  for (const Delivery& each : story.deliveries) {
    json["deliveries"].push_back(
        {{"to", each.address}, {"relay", each.relay}, {"status", each.status}, {"reply", each.reply}});
  }
  json["milter"] = story.milter_notes;
  json["next"] = story.next_ids;
  json["done"] = story.removed;
  json["lines"] = story.lines;
  return json;
}

}  // namespace

int run_log(const CommandContext& context, const LogOptions& options) {
  if (!is_queue_id(options.id)) return complain(invalid("expected a queue ID of letters and digits: " + options.id));
  MailStory story;
  story.id = options.id;
  const Status read = each_log_line(options.files, {"--grep=" + story.id},
                                    [&story](std::string_view line) { add_line(story, line); });
  if (!read.ok()) return complain(read.error());
  if (story.lines.empty()) {
    std::cout << options.id << ": no line names it" << (options.files.empty() ? "; --file names another log" : "")
              << "\n";
    return 1;
  }
  std::cout << (context.json ? dump_json(story_json(story)) + "\n" : story_text(story, !options.brief));
  return 0;
}

}  // namespace postern
