// The deadlines of a session, and the time at which its clock is to wake it.
#pragma once

#include <kvco/core/deadlines.hpp>

namespace kvco::net {

class timer {
 public:
  /// True: it is due before all else, so that the clock has to be woken.
  bool set(core::timed& item, core::time_point at) noexcept {
    deadlines_.set(item, at);
    if (at >= armed_) return false;
    armed_ = at;
    return true;
  }
  void remove(core::timed& item) noexcept { deadlines_.remove(item); }
  void clear() noexcept { deadlines_.clear(); }
  /// The time at which the clock has to wake the session next.
  core::time_point arm() noexcept { return armed_ = deadlines_.next().value_or(core::time_point::max()); }
  void run_due(core::time_point now) {
    while (core::timed* due = deadlines_.take_due(now)) due->on_deadline(now);
  }

 private:
  core::deadlines deadlines_;
  core::time_point armed_ = core::time_point::max();
};

}  // namespace kvco::net
