// How long the operations of a benchmark took. See the header.
#include <kvco/cli/latencies.hpp>
#include <kvco/cli/texts.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace kvco::cli {
namespace {

std::string microseconds(double value) {
  if (value >= 1000) return with_commas(static_cast<std::uint64_t>(std::llround(value))) + "us";
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 100 ? "%.2fus" : "%.1fus", value);
  return text.data();
}

}  // namespace

latency_summary latencies::summary() const {
  latency_summary out;
  if (all_.empty()) return out;
  std::vector<std::int64_t> sorted = all_;
  std::sort(sorted.begin(), sorted.end());
  const auto count = static_cast<double>(sorted.size());
  const auto in_us = [](double ns) { return ns / 1e3; };
  const auto at = [&](double part) {
    const auto index = static_cast<std::size_t>(std::ceil(part * count)) - 1;
    return in_us(static_cast<double>(sorted[std::min(index, sorted.size() - 1)]));
  };
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / count;
  const double squares =
      std::accumulate(sorted.begin(), sorted.end(), 0.0, [&](double sum, std::int64_t each) {
        const double off = static_cast<double>(each) - mean;
        return sum + off * off;
      });
  out.min = in_us(static_cast<double>(sorted.front()));
  out.max = in_us(static_cast<double>(sorted.back()));
  out.average = in_us(mean);
  out.deviation = in_us(std::sqrt(squares / count));
  out.p50 = at(0.5), out.p90 = at(0.9), out.p99 = at(0.99), out.p999 = at(0.999);
  return out;
}

std::string rate_line(std::uint64_t operations, std::uint64_t bytes, std::chrono::duration<double> elapsed,
                      const latency_summary& of) {
  const double seconds = std::max(elapsed.count(), 1e-9), rate = static_cast<double>(operations) / seconds;
  std::string out = with_commas(static_cast<std::uint64_t>(rate)) + " msgs/sec ~ ";
  out += byte_size(static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds)) + "/sec";
  const auto add = [&](const char* name, double value) {
    out += std::string(" ~ ") + name + ": " + microseconds(value);
  };
  add("min", of.min), add("avg", of.average), add("max", of.max);
  add("P50", of.p50), add("P90", of.p90), add("P99", of.p99), add("P99.9", of.p999);
  return out;
}

}  // namespace kvco::cli
