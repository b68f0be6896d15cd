// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/history.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxMetrics = size_t{4} << 20;

size_t collect(char* data, size_t, size_t size, void* out) {
  auto& text = *static_cast<std::string*>(out);
  if (text.size() + size > kMaxMetrics) return 0;
  text.append(data, size);
  return size;
}

}  // namespace

VerdictCounts parse_verdict_totals(std::string_view metrics) {
  constexpr std::string_view kName = "postern_messages_total{";
  constexpr std::string_view kLabel = "verdict=\"";
  VerdictCounts out{};
  for (const std::string_view line : split(metrics, '\n')) {
    if (!line.starts_with(kName)) continue;
    const size_t label = line.find(kLabel);
    const size_t close = line.rfind('}');
    if (label == std::string_view::npos || close == std::string_view::npos) continue;
    const std::string_view word = line.substr(label + kLabel.size());
    const auto index = std::find(kVerdictWords.begin(), kVerdictWords.end(), word.substr(0, word.find('"')));
    const auto value = to_double(trim(line.substr(close + 1)));
    if (index == kVerdictWords.end() || !value || *value < 0 || *value > 1e15) continue;
    out[static_cast<size_t>(index - kVerdictWords.begin())] += static_cast<uint64_t>(*value);
  }
  return out;
}

void History::add(const VerdictCounts& totals, UnixTime now) {
  const std::lock_guard lock(mutex_);
  VerdictCounts grown{};
  for (size_t i = 0; known_ && i < totals.size(); ++i) {
    grown[i] = totals[i] >= last_[i] ? totals[i] - last_[i] : totals[i];
  }
  known_ = true;
  last_ = totals;
  const UnixTime begins = now - now % kStep;
  if (steps_.empty() || steps_.back().begins < begins) steps_.push_back({begins, {}});
  for (size_t i = 0; i < grown.size(); ++i) steps_.back().counts[i] += grown[i];
  while (steps_.size() > kSteps || steps_.front().begins <= now - static_cast<UnixTime>(kSteps) * kStep) {
    steps_.pop_front();
  }
}

VerdictCounts History::sum(UnixTime now, UnixTime seconds) const {
  const std::lock_guard lock(mutex_);
  VerdictCounts out{};
  for (const Step& step : steps_) {
    if (step.begins + kStep <= now - seconds) continue;
    for (size_t i = 0; i < out.size(); ++i) out[i] += step.counts[i];
  }
  return out;
}

std::vector<VerdictCounts> History::buckets(UnixTime now, UnixTime width, size_t count) const {
  const std::lock_guard lock(mutex_);
  std::vector<VerdictCounts> out(count);
  const UnixTime end = now - now % width + width;
  for (const Step& step : steps_) {
    const UnixTime back = (end - 1 - step.begins) / width;
    if (back < 0 || static_cast<size_t>(back) >= count) continue;
    VerdictCounts& bucket = out[count - 1 - static_cast<size_t>(back)];
    for (size_t i = 0; i < bucket.size(); ++i) bucket[i] += step.counts[i];
  }
  return out;
}

bool History::empty() const {
  const std::lock_guard lock(mutex_);
  return !known_;
}

Result<VerdictCounts> read_verdict_totals(const std::string& metrics_listen) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  if (!curl) return unavailable("libcurl does not start");
  const std::string rest = metrics_listen.substr(metrics_listen.find(':') + 1);
  const size_t at = rest.find('@');
  const bool file = !metrics_listen.starts_with("inet");
  const bool six = metrics_listen.starts_with("inet6:");
  std::string url = "http://localhost/metrics";
  if (!file) {
    const std::string host = rest.substr(at + 1);
    url = "http://" + (six ? "[" + host + "]" : host) + ":" + rest.substr(0, at) + "/metrics";
  }
  std::string text;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  if (file) curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, rest.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, 2000L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &text);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return unavailable(metrics_listen + ": " + curl_easy_strerror(code));
  return parse_verdict_totals(text);
}

}  // namespace postern
