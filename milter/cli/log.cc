// SPDX-License-Identifier: GPL-2.0-or-later
// postern log QUEUEID: the MTA's lines and ours about one message, and what they mean.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "cli/mail_story.h"

namespace postern {
namespace {

constexpr std::array kUsualLogs{"/var/log/mail.log", "/var/log/maillog"};

Status read_file(MailStory& story, const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (!file) return unavailable("cannot read " + path);
  std::istream& in = path == "-" ? std::cin : file;
  for (std::string line; std::getline(in, line);) add_line(story, line);
  return Nothing{};
}

// The ID is letters and digits only, so it cannot say anything else to the shell.
Status read_journal(MailStory& story) {
  const std::string command = "journalctl --no-pager --output=short --grep=" + story.id + " 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> journal(popen(command.c_str(), "r"), pclose);
  if (!journal) return unavailable("cannot run journalctl");
  std::string line;
  for (int c = std::fgetc(journal.get()); c != EOF; c = std::fgetc(journal.get())) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    add_line(story, line);
    line.clear();
  }
  return Nothing{};
}

Status read_usual_places(MailStory& story) {
  for (const char* path : kUsualLogs) {
    if (access(path, R_OK) == 0) return read_file(story, path);
  }
  return read_journal(story);
}

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
  for (const std::string& file : options.files) {
    if (const Status read = read_file(story, file); !read.ok()) return complain(read.error());
  }
  if (options.files.empty()) {
    if (const Status read = read_usual_places(story); !read.ok()) return complain(read.error());
  }
  if (story.lines.empty()) {
    std::cout << options.id << ": no line names it" << (options.files.empty() ? "; --file names another log" : "")
              << "\n";
    return 1;
  }
  std::cout << (context.json ? dump_json(story_json(story)) + "\n" : story_text(story, !options.brief));
  return 0;
}

}  // namespace postern
