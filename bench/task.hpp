// The task of a contestant and its measurements: one line each way, between the benchmark and the process in
// which the contestant runs.
//
// Each contestant has a process of its own: processor time, allocations and peak memory are then its own, too, whatever
// threads it has and whatever language it is written in.
#pragma once

#include <bench/histogram.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kvco::bench {

/// The bucket that all work is done on. The benchmark makes it and fills it; contestants find it at NATS_URL.
inline constexpr std::string_view bucket_name = "KVCO_BENCH";
/// The name of the key with this number.
inline std::string key_name(std::size_t number) { return "order-" + std::to_string(1'000'000 + number); }

struct task {
  std::string work;            ///< "put", "watch", ...
  std::size_t flight = 1;      ///< operations unanswered at a time; of live updates: watchers
  std::size_t value = 128;     ///< bytes
  std::size_t keys = 1000;     ///< in the bucket, or used in turns
  std::size_t operations = 0;  ///< to be done
  double rate =
      0;  ///< > 0: operations begin by schedule at this number per second, regardless of the number unanswered
};

/// Puts that are unanswered at a time while watches are measured; consumers asked for at a time.
inline constexpr std::size_t live_window = 256, watchers_window = 64;

struct outcome {
  std::uint64_t operations = 0;
  double seconds = 0;
  double cpu_seconds = 0;         ///< of the whole process
  double allocations = 0;         ///< per operation, over the second half of the run
  std::uint64_t peak_bytes = 0;   ///< the most memory resident in the run
  std::uint64_t grown_bytes = 0;  ///< by how much that is more than before it
  histogram latency;              ///< empty where single operations were not timed
  std::string absent;             ///< set: why this contestant does not do this work
  std::string failure;            ///< set: the error; the values above are invalid

  double per_second() const { return static_cast<double>(operations) / seconds; }
  double cpu_microseconds() const { return cpu_seconds / static_cast<double>(operations) * 1e6; }
};

/// Thrown by a contestant that cannot do a work.
struct not_offered : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string encode(const task& what);
task decode_task(std::string_view line);
std::string encode(const outcome& what);
outcome decode_outcome(std::string_view line);

}  // namespace kvco::bench
