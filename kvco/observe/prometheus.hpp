// Metrics in the text format of Prometheus (exposition format 0.0.4): counted by an observer, rendered on demand.
#pragma once

#include <cstddef>
#include <kvco/observe/health.hpp>
#include <kvco/observe/operations.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco {

class client;
struct statistics;

/// Counts operations by kind, bucket and outcome, and measures how long they take.
///
///     auto metrics = std::make_shared<kvco::prometheus_metrics>();
///     settings.observe().operations(metrics);
///     kvco::client nats = co_await kvco::connect(settings);
///     ... on GET /metrics, with content type "text/plain; version=0.0.4":
///     return metrics->render(nats);
///
/// The label `bucket` is the bucket's name as valid UTF-8; "(refused)" for all names that were refused, by
/// the rules for names or by the server (not found, not a bucket, not permitted), and that occur in no other
/// outcome; and "(other)" beyond max_buckets.
///
/// Several clients may share one, also on several threads; render() of a client is called on that client's.
class prometheus_metrics final : public operation_observer {
 public:
  prometheus_metrics();  ///< buckets of 500 us, 1, 2.5, 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5 and 10 s
  /// @param bounds  the upper bounds of the histogram's buckets, ascending; +Inf is added
  /// @param max_buckets  the maximum number of Key-Value buckets with a label of their own
  explicit prometheus_metrics(std::vector<duration> bounds, std::size_t max_buckets = 256);
  ~prometheus_metrics() override;

  /// Counts it.
  void on_end(const operation_end& end) override;
  /// The operations.
  std::string render() const;
  /// The operations, and the client as it is now.
  std::string render(const client& about) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// A client's health and counters alone.
std::string render_prometheus(const client_health& health, const statistics& counters);

}  // namespace kvco
