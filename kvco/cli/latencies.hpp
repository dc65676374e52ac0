// How long the operations of a benchmark took: numbers, and the lines of `nats bench`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kvco::cli {

struct latency_summary {
  double min = 0, average = 0, max = 0, deviation = 0;  // microseconds, as the percentiles
  double p50 = 0, p90 = 0, p99 = 0, p999 = 0;
};

class latencies {
 public:
  void add(std::chrono::nanoseconds one) { all_.push_back(one.count()); }
  void add(const latencies& others) { all_.insert(all_.end(), others.all_.begin(), others.all_.end()); }
  std::size_t count() const noexcept { return all_.size(); }
  latency_summary summary() const;

 private:
  std::vector<std::int64_t> all_;
};

/// "8,600 msgs/sec ~ 1.0 MiB/sec ~ min: 98.21us ~ avg: 231.4us ~ ... ~ P99.9: 2,100us".
std::string rate_line(std::uint64_t operations, std::uint64_t bytes, std::chrono::duration<double> elapsed,
                      const latency_summary& of);

}  // namespace kvco::cli
