// SPDX-License-Identifier: GPL-2.0-or-later
// What a transaction asks about its body: the inspector, and the store about pictures.
#include <array>

#include "bounce/verify.h"
#include "judge/body_filter.h"
#include "judge/message_facts.h"
#include "judge/transaction.h"

namespace postern {

void Transaction::inspect_body(Deadline deadline) {
  if (need_ == Need::kNothing || need_ == Need::kPeek || body_.empty()) return;
  if (need_ == Need::kFilter && !truncated_ && !may_hold_more_than_text(body_)) return;
  InspectRequest request;
  request.header = std::move(governing_header_);
  request.body = std::move(body_);
  request.truncated = truncated_;
  // A picture that we send is decoded in any case: whoever sends it on later shall not be counted for it.
  if (!outbound_ && !session_.judge().every_picture) {
    request.choose = [this](const BodyFacts& body) { return choose_pictures(body); };
  }
  facts_.body = session_.judge().inspector->inspect(request, deadline);
  early_.reset();
  lap(Stage::kInspect);
  compare_attachments(facts_.body, facts_.message);
}

// Decoding is what costs most, so it is left out where it could change neither the verdict nor a count.
std::vector<bool> Transaction::choose_pictures(const BodyFacts& body) {
  const Settings& settings = session_.settings();
  facts_.body = body;
  compare_attachments(facts_.body, facts_.message);
  const std::array<double, 2> limits{settings.spam_score, settings.surespam_score};
  return session_.tables()->rules.wanted_pictures(facts_, limits, session_.judge().store->blocks_pictures());
}

// What the pictures of this message have in common with earlier ones: one round trip, and none without pictures.  A
// second one only teaches: what came before, and in a message that is clean, may be a picture that everybody sends.
void Transaction::count_pictures(ImageSighting::Purpose purpose, UnixTime now, Deadline deadline) {
  const bool teaches = purpose == ImageSighting::Purpose::kHarmless;
  std::vector<ImageFacts*> pictures;
  std::vector<ImageSighting> sightings;
  for_each_picture(facts_.body, [&](ImageFacts& picture) {
    if (picture.fingerprint.empty() || (teaches && (picture.seen < 2 || picture.allowed || picture.blocked))) return;
    pictures.push_back(&picture);
    sightings.push_back({picture.fingerprint, picture.moved, session_.client().address.value_or(IpAddress{}),
                         facts_.message.sender, recipients_.size(), purpose});
  });
  if (sightings.empty()) return;
  // What a delivery report quotes is our own mail come back, or a forgery: it says nothing of who sends a picture.
  if (is_judged(bounce_kind(facts_, BounceKind::kNone))) return;
  lap_ = steady_micros();
  const auto counts = session_.judge().store->count_images(sightings, now, deadline);
  lap(Stage::kPictures);
  if (teaches || !counts || counts->size() != pictures.size()) return;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const ImageCount& count = counts.value()[i];
    pictures[i]->seen = count.messages;
    pictures[i]->seen_clients = count.clients;
    pictures[i]->seen_recipients = count.recipients;
    pictures[i]->allowed = count.allowed;
    pictures[i]->blocked = count.blocked;
  }
}

}  // namespace postern
