// The time that the dial of each server may take, in one round over all servers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <kvco/core/deadlines.hpp>

namespace kvco::core {

/// A configured server has the time of a whole attempt. Those that a cluster has announced share the time of one attempt, as the
/// addresses of a host name do: any number of them may be in a network that cannot be reached from here. After a round in which
/// no server was reached they have twice the time in the next, up to one attempt each, so that slow ones are reached, too.
class round_time {
 public:
  round_time() = default;
  round_time(duration attempt, std::size_t discovered, std::size_t failed_rounds)
      : attempt_(attempt), left_(discovered) {
    const auto most = static_cast<duration::rep>(std::max<std::size_t>(discovered, 1));
    duration::rep times = 1;
    for (std::size_t i = 0; i < failed_rounds && times < most; ++i) times *= 2;
    rest_ = attempt * std::min(times, most);
  }

  /// The time for the next of the announced servers: an equal part of the remaining time.
  duration share() noexcept {
    const auto parts = static_cast<duration::rep>(std::max<std::size_t>(left_, 1));
    if (left_ > 0) --left_;
    return std::clamp(rest_ / parts, duration(1), attempt_);
  }
  /// Subtracts the time that it has taken.
  void took(duration time) noexcept { rest_ -= std::min(rest_, time); }

 private:
  duration attempt_{1}, rest_{};
  std::size_t left_ = 0;
};

}  // namespace kvco::core
