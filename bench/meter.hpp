// The cost of a run: time, processor time, allocations, memory.
#pragma once

#include <bench/task.hpp>
#include <chrono>
#include <cstdint>

namespace kvco::bench {

using clock = std::chrono::steady_clock;

/// Memory of this process that is resident now.
std::uint64_t resident_bytes();

/// Measures from its construction to finish(). Not for several threads at once.
class meter {
 public:
  /// @param expected  the number of operations of the run. Allocations count from the second half on, when
  /// caches are filled and coroutines are spawned; or all of them, if they are reported at once
  explicit meter(std::uint64_t expected);

  void done(std::uint64_t count = 1) {
    done_ += count;
    if (done_ >= half_ && !steady_ && done_ < expected_) note_half();
    if (done_ == expected_) note_end();
  }
  /// Throws unless as many operations were done as expected.
  outcome finish();

 private:
  void note_half() noexcept;
  void note_end() noexcept;

  std::uint64_t expected_, half_, done_ = 0;
  std::uint64_t from_ = 0, done_before_ = 0, to_ = 0;  // allocations
  std::uint64_t resident_;
  double cpu_;
  bool steady_ = false;
  clock::time_point start_;
};

/// When the operations of a run at a fixed rate are due. Latency counts from there on, so that an operation that could
/// not begin in time shows the time it waited for that.
class schedule {
 public:
  explicit schedule(double rate, clock::time_point start = clock::now()) : start_(start), rate_(rate) {}
  clock::time_point due(std::size_t number) const {
    return start_ +
           std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(number) / rate_ * 1e9));
  }
  std::int64_t late(std::size_t number, clock::time_point now) const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now - due(number)).count();
  }

 private:
  clock::time_point start_;
  double rate_;
};

}  // namespace kvco::bench
