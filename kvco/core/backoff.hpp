// How long to wait before the next attempt: exponential with jitter, so that many clients do not come back at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <kvco/core/deadlines.hpp>
#include <random>

namespace kvco::core {

class backoff {
 public:
  backoff(duration first, duration most, std::uint64_t seed)
      : first_(first), most_(most), random_(static_cast<std::uint32_t>(seed ^ seed >> 32)) {}

  /// Between half of the current step and all of it; the step doubles up to the most.
  duration next() {
    const duration step = step_.count() == 0 ? first_ : step_;
    step_ = std::min(step * 2, most_);
    std::uniform_int_distribution<std::int64_t> spread(step.count() / 2, step.count());
    return duration(spread(random_));
  }
  void reset() noexcept { step_ = {}; }

 private:
  duration first_, most_, step_{};
  std::minstd_rand random_;
};

}  // namespace kvco::core
