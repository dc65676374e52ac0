// How long to wait before the next attempt: exponential with jitter, so that many clients do not come back at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <kvco/core/deadlines.hpp>
#include <random>

namespace kvco::core {

/// The random part of a step. `full` spreads many clients that wait for the same event best; `half` keeps a
/// single client from asking again at once.
enum class jitter : std::uint8_t { half, full };

class backoff {
 public:
  backoff(duration first, duration most, std::uint64_t seed, jitter spread = jitter::half)
      : first_(first), most_(most), random_(static_cast<std::uint32_t>(seed ^ seed >> 32)), spread_(spread) {}

  /// A random duration between the fixed part of the current step and the whole of it; the step doubles up to
  /// the maximum.
  duration next() {
    const duration step = step_.count() == 0 ? first_ : step_;
    step_ = std::min(step * 2, most_);
    std::uniform_int_distribution<std::int64_t> pauses(spread_ == jitter::full ? 0 : step.count() / 2,
                                                       step.count());
    return duration(pauses(random_));
  }
  void reset() noexcept { step_ = {}; }

 private:
  duration first_, most_, step_{};
  std::minstd_rand random_;
  jitter spread_;
};

}  // namespace kvco::core
