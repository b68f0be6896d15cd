// SPDX-License-Identifier: GPL-2.0-or-later
// The part of the metrics that is asked for at the moment of reading.
#include <prometheus/metric_family.h>

#include <string_view>

#include "config.h"
#include "filter/connection.h"
#include "filter/metrics.h"

namespace postern {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily single(MetricType type, std::string_view name, std::string_view help, double value,
                    std::vector<ClientMetric::Label> labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return {std::string(name), std::string(help), type, {std::move(metric)}};
}

MetricFamily gauge(std::string_view name, std::string_view help, double value) {
  return single(MetricType::Gauge, name, help, value);
}

MetricFamily counter(std::string_view name, std::string_view help, uint64_t value) {
  return single(MetricType::Counter, name, help, static_cast<double>(value));
}

void add_store(const Judge& judge, std::vector<MetricFamily>& out) {
  const StoreHealth health = judge.store->health();
  if (!judge.settings.load()->redis.empty()) {
    out.push_back(gauge("postern_redis_up", "Whether Redis is reached and all its tables are applied",
                        health.connected ? 1 : 0));
  }
  out.push_back(gauge("postern_track_queue_records", "Tracking records not yet written",
                      static_cast<double>(health.queued_records)));
  out.push_back(counter("postern_track_dropped_records_total", "Tracking records given up because the queue was full",
                        health.dropped_records));
}

void add_tables(const Judge& judge, std::vector<MetricFamily>& out) {
  const uint64_t stale = judge.store->stale_seconds().value_or(0);  // before tables(), as the store wants it
  const TablesPtr tables = judge.store->tables();
  out.push_back(gauge("postern_tables_stale_seconds",
                      "For how long it has not been known that the tables are the newest; 0 while it is",
                      static_cast<double>(stale)));
  out.push_back(gauge("postern_tables_generation", "Generation of the tables that this node applies",
                      static_cast<double>(tables->generation)));
  out.push_back(gauge("postern_tables_bad_rows", "Rows of the tables that are not understood",
                      static_cast<double>(tables->bad_rows.size())));
}

}  // namespace

std::vector<MetricFamily> state_families(const Judge& judge) {
  std::vector<MetricFamily> out;
  out.push_back(
      single(MetricType::Gauge, "postern_build_info", "The version, as a label", 1, {{"version", PACKAGE_VERSION}}));
  out.push_back(gauge("postern_connections", "Connections of the MTA", traffic().connections));
  out.push_back(gauge("postern_messages_in_hand", "Messages between MAIL and their verdict", traffic().messages));
  out.push_back(counter("postern_inspector_restarts_total", "Inspectors that died, hung or were ended early",
                        judge.inspector->restarts()));
  add_store(judge, out);
  add_tables(judge, out);
  return out;
}

}  // namespace postern
