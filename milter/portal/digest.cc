// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/digest.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/fd.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/run_program.h"
#include "portal/digest_mail.h"
#include "portal/imap_master.h"
#include "portal/page.h"
#include "portal/sessions.h"
#include "portal/user_name.h"
#include "store/rows.h"

namespace postern {
namespace {

constexpr Millis kPatience{60'000};   // for one user
constexpr size_t kFaultsInARow = 5;   // then the fault lies with a server and not with a user

// What one user's quarantine has to tell.
struct News {
  std::unique_ptr<ImapConnection> imap;
  uint32_t validity = 0;
  std::vector<uint32_t> uids;          // all that is new
  std::vector<ImapMessage> messages;   // the newest of them, those first
};

Result<News> read_news(const Settings& settings, const std::string& user, bool to_write) {
  auto imap = open_mailbox(settings, user, Deadline::after(kPatience));
  if (!imap.ok()) return imap.error();
  News news;
  news.imap = std::move(imap.value());
  const auto folder = news.imap->select(settings.portal_quarantine, to_write);
  if (!folder.ok()) return folder.error();
  if (folder->uids.empty()) return news;
  news.validity = folder->validity;
  if (to_write && !folder->keeps_keywords) {
    return unavailable("the IMAP server keeps no keywords in " + settings.portal_quarantine +
                       ", so nothing would tell what a digest has told of");
  }
  auto fresh = news.imap->without(kToldKeyword);
  if (!fresh.ok()) return fresh.error();
  news.uids = std::move(fresh.value());
  const auto listed = static_cast<std::ptrdiff_t>(std::min(news.uids.size(), kDigestEntries));
  auto messages = news.imap->headers({news.uids.end() - listed, news.uids.end()});
  if (!messages.ok()) return messages.error();
  news.messages = std::move(messages.value());
  return news;
}

std::string mail_of(const Settings& settings, const std::string& address, const News& news) {
  DigestMail mail;
  mail.to = address;
  mail.from = settings.digest_from.empty() ? "postmaster" + address.substr(address.rfind('@')) : settings.digest_from;
  mail.link = settings.portal_url + "/quarantine";
  mail.id = random_name().substr(0, 32);
  mail.now = unix_now();
  mail.life = settings.portal_quarantine_life.count() / 1000;
  mail.count = news.uids.size();
  for (const ImapMessage& each : news.messages) {
    mail.entries.push_back(
        {summarize(each.text), each.arrived, message_link(settings.portal_url, each.uid, news.validity)});
  }
  return digest_mail(mail);
}

Status send(const Settings& settings, const std::string& address, std::string_view mail) {
  const Fd file(::memfd_create("digest", MFD_CLOEXEC));
  if (!file.valid() || ::write(file.get(), mail.data(), mail.size()) != static_cast<ssize_t>(mail.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0) {
    return unavailable(std::string("no room for the digest: ") + std::strerror(errno));
  }
  const std::string sender = settings.digest_sender.empty() ? "<>" : settings.digest_sender;
  const auto status =
      run_program({settings.digest_sendmail, "-i", "-f", sender, "--", address}, [](std::string_view) {}, file.get());
  if (!status.ok()) return status.error();
  if (*status == 0) return Nothing{};
  return unavailable(settings.digest_sendmail + " does not take the digest: exit status " + std::to_string(*status));
}

// The connection may have been lost while sendmail(1) took its time.
Status note_told(const Settings& settings, const std::string& user, News& news) {
  const Status noted = news.imap->add_keyword(news.uids, kToldKeyword);
  if (noted.ok()) return noted;
  const auto again = open_mailbox(settings, user, Deadline::after(kPatience));
  if (!again.ok()) return noted;
  const auto folder = (*again)->select(settings.portal_quarantine, true);
  if (!folder.ok() || folder->validity != news.validity) return noted;
  return (*again)->add_keyword(news.uids, kToldKeyword);
}

// How many messages a user was told of.
Result<size_t> serve(const Settings& settings, const std::string& name, bool dry_run) {
  const auto user = user_of(name, settings.portal_domain);
  if (!user || user->address.empty()) return not_found("expected a mail address that the IMAP server knows");
  auto news = read_news(settings, user->name, !dry_run);
  if (!news.ok()) return news.error();
  if (news->messages.empty()) return size_t{0};
  const size_t count = news->uids.size();
  if (dry_run) return count;
  const Status sent = send(settings, user->address, mail_of(settings, user->address, *news));
  if (!sent.ok()) return sent.error();
  const Status noted = note_told(settings, user->name, news.value());
  if (!noted.ok()) {
    return unavailable("has got a digest, but that cannot be noted, so the next one tells the same: " +
                       noted.error().text);
  }
  return count;
}

Result<std::vector<std::string>> users_of(const Settings& settings, const DigestOptions& options) {
  if (!options.users.empty()) return options.users;
  const std::string& path = options.users_file.empty() ? settings.digest_users : options.users_file;
  if (path.empty()) return invalid("name users, --users FILE, or set digest-users");
  const auto text = read_input(path);
  if (!text.ok()) return text.error();
  return user_list(*text);
}

// Holds off another digest of this host: two at once would tell everything twice.
Result<Fd> lock_digests(const Settings& settings) {
  const std::string path = settings.state_directory + "/digest.lock";
  (void)make_directory(settings.state_directory, 0700);
  Fd fd(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd.valid()) return unavailable(path + ": " + std::strerror(errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return conflict(path + ": another digest is under way");
  return fd;
}

Status check_settings(const Settings& settings) {
  for (const auto& [name, value] : {std::pair{"portal-imap", &settings.portal_imap},
                                    {"portal-imap-master", &settings.portal_imap_master},
                                    {"portal-url", &settings.portal_url}}) {
    if (value->empty()) return invalid(std::string(name) + " is not set, and digests need it");
  }
  return Nothing{};
}

void complain(std::string_view what) { std::cerr << "postern-portal: " << what << "\n"; }

// Whether a fault may be that of a server: a name that is none is not, nor is a user whom a server refuses that has
// served others.
bool may_be_server(const Error& error, bool served) {
  return error.kind != ErrorKind::kNotFound && !(served && error.kind == ErrorKind::kInvalid);
}

int serve_all(const Settings& settings, const std::vector<std::string>& users, bool dry_run) {
  size_t failed = 0, in_a_row = 0;
  bool served = false;
  for (const std::string& each : users) {
    const auto told = serve(settings, each, dry_run);
    if (!told.ok()) {
      ++failed;
      complain(printable(each) + ": " + told.error().text);
      if (may_be_server(told.error(), served)) ++in_a_row;
      if (in_a_row < kFaultsInARow) continue;
      complain(std::to_string(in_a_row) + " faults in a row: the other users wait for the next digest");
      return 1;
    }
    in_a_row = 0;
    served = true;
    if (*told == 0) continue;
    std::cout << each << ": " << *told << (*told == 1 ? " message" : " messages") << (dry_run ? " to tell of" : "")
              << "\n";
    if (!dry_run) log(LogLevel::kInfo, LogLine("portal").add("user", each).add("digest", uint64_t{*told}));
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

int send_digests(const Settings& settings, const DigestOptions& options) {
  const Status good = check_settings(settings);
  if (!good.ok()) return complain(good.error().text), 2;
  const auto users = users_of(settings, options);
  if (!users.ok()) return complain(users.error().text), 2;
  Result<Fd> lock = Fd();
  if (!options.dry_run) lock = lock_digests(settings);
  if (!lock.ok()) return complain(lock.error().text), 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  load_templates();
  return serve_all(settings, *users, options.dry_run);
}

}  // namespace postern
