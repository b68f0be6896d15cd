// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/networks_json.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/strings.h"

namespace postern {
namespace {

using Json = nlohmann::json;

class Reader {
 public:
  Reader(std::string_view path, std::string_view service) : path_(path), service_(service) {}

  // An array of endpoint sets: {"serviceArea": "Exchange", "ips": ["192.0.2.0/24", ...]}.
  Status read_microsoft(const Json& sets) {
    for (size_t i = 0; i < sets.size(); ++i) {
      const std::string place = "[" + std::to_string(i) + "]";
      const Json& set = sets[i];
      if (!set.is_object() || !set.contains("serviceArea") || !set["serviceArea"].is_string()) {
        return fault(place, "expected an object with \"serviceArea\" and perhaps \"ips\"");
      }
      const Json ips = set.value("ips", Json::array());
      if (!ips.is_array()) return fault(place + ".ips", "expected an array");
      for (size_t j = 0; j < ips.size(); ++j) {
        const Status added =
            add(place + ".ips[" + std::to_string(j) + "]", ips[j], set["serviceArea"], "Microsoft 365 ");
        if (!added) return added;
      }
    }
    return Nothing{};
  }

  // {"prefixes": [{"ip_prefix": "192.0.2.0/24", "service": "EC2"}], "ipv6_prefixes": [{"ipv6_prefix": ...}]}, or with
  // "ipv4Prefix" and "ipv6Prefix", and without a service.
  Status read_ranges(const Json& document) {
    for (const char* array : {"prefixes", "ipv6_prefixes"}) {
      const Json ranges = document.value(array, Json::array());
      if (!ranges.is_array()) return fault(array, "expected an array");
      for (size_t i = 0; i < ranges.size(); ++i) {
        const std::string place = std::string(array) + "[" + std::to_string(i) + "]";
        const Json* prefix = prefix_of(ranges[i]);
        if (prefix == nullptr) return fault(place, "expected an object with \"ip_prefix\" or \"ipv6_prefix\"");
        const Status added = add(place, *prefix, ranges[i].value("service", Json("")), "");
        if (!added) return added;
      }
    }
    return Nothing{};
  }

  Result<NetworkList> finish() {
    if (!found_ && !service_.empty()) {
      std::vector<std::string> names(services_.begin(), services_.end());
      return not_found(std::string(path_) + ": there is no service \"" + printable(service_) + "\"; there are " +
                       (names.empty() ? "none" : join(names, ", ")));
    }
    return maker_.finish();
  }

  Error fault(const std::string& place, const std::string& text) const {
    return invalid(std::string(path_) + ": " + place + ": " + text);
  }

 private:
  static const Json* prefix_of(const Json& range) {
    if (!range.is_object()) return nullptr;
    for (const char* name : {"ip_prefix", "ipv6_prefix", "ipv4Prefix", "ipv6Prefix"}) {
      if (range.contains(name)) return &range[name];
    }
    return nullptr;
  }

  Status add(const std::string& place, const Json& prefix, const Json& service, const char* publisher) {
    if (!service.is_string()) return fault(place, "expected a service as text");
    if (!prefix.is_string()) return fault(place, "expected a network as text");
    const auto& name = service.get_ref<const std::string&>();
    services_.insert(printable(name, 40));
    std::vector<std::string> warnings;
    const auto networks = parse_network(prefix.get_ref<const std::string&>(), &warnings);
    if (!networks) return fault(place, networks.error().text);
    if (!service_.empty() && !equal_nocase(name, service_)) return Nothing{};
    found_ = true;
    for (const std::string& text : warnings) maker_.warn(std::string(path_) + ": " + place, text);
    const std::string note(trim(publisher + printable(name, 40)));
    for (const Prefix& network : *networks) maker_.merge({network, NetworkUse::kAllow, {}, {}, note});
    return Nothing{};
  }

  std::string_view path_, service_;
  bool found_ = false;
  std::set<std::string> services_;
  NetworkListMaker maker_;
};

}  // namespace

bool looks_like_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const std::string_view start = trim(text.substr(0, 4096));
  // A line may start with "[192.0.2.1]" or "[IPv6:...": an array of objects goes on with a brace.
  return start.starts_with('{') || (start.starts_with('[') && (trim(start.substr(1)).starts_with('{') ||
                                                               trim(start.substr(1)).starts_with(']')));
}

Result<NetworkList> read_network_json(std::string_view path, std::string_view text, std::string_view service) {
  Json document;
  try {
    document = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const size_t at = std::min<size_t>(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return invalid(std::string(path) + ":" + std::to_string(line) + ": not JSON (at byte " +
                   std::to_string(error.byte) + ")");
  }
  Reader reader(path, service);
  Status read = Nothing{};
  if (document.is_array()) {
    read = reader.read_microsoft(document);
  } else if (document.is_object() && (document.contains("prefixes") || document.contains("ipv6_prefixes"))) {
    read = reader.read_ranges(document);
  } else {
    return invalid(std::string(path) +
                   ": expected the endpoints of Microsoft 365 (an array) or ranges like those of " +
                   "AWS (an object with \"prefixes\")");
  }
  if (!read) return read.error();
  return reader.finish();
}

}  // namespace postern
