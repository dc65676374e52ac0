// Everything that waits for a point in time, behind one timer.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace kvco::core {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::nanoseconds;

/// Longer times are limited to this one, so that the clock does not overflow.
inline constexpr duration max_time = std::chrono::hours(24 * 365 * 10);

/// Something with a deadline. It is in at most one queue and leaves it when its owner destroys it.
class timed {
 public:
  time_point deadline() const noexcept { return deadline_; }
  bool has_deadline() const noexcept { return index_ != none; }
  /// The deadline has passed; it is out of the queue already.
  virtual void on_deadline(time_point now) = 0;

 protected:
  timed() noexcept = default;
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;
  ~timed() = default;

 private:
  friend class deadlines;
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr std::uint32_t first_lane = UINT32_MAX - 64;
  time_point deadline_{};
  timed* before_ = nullptr;  // in a lane
  timed* behind_ = nullptr;
  std::uint32_t index_ = none;  // in the heap; from first_lane on: which lane
};

/// A queue of timed objects. Operations with equal timeouts have growing deadlines, and mostly end long
/// before them: they are kept in lanes, in order of arrival, where setting and removing is O(1). A deadline
/// that fits no lane goes into a 4-ary heap.
class deadlines {
 public:
  /// Sets or moves the deadline of `item`.
  void set(timed& item, time_point at);
  void remove(timed& item) noexcept;
  /// Removes all of them.
  void clear() noexcept;
  std::optional<time_point> next() const noexcept;
  /// Takes the first item whose deadline is not after `now`, or nullptr.
  timed* take_due(time_point now) noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  struct lane {
    timed* front = nullptr;
    timed* back = nullptr;
  };
  // Timeouts of different length in use at once; a long one at the end of a lane closes it for shorter ones.
  static constexpr std::size_t lane_count = 8;

  lane* lane_for(time_point at) noexcept;
  timed* first() const noexcept;
  void leave_heap(std::size_t index) noexcept;
  void place(std::size_t index, timed* item) noexcept;
  void rise(std::size_t index) noexcept;
  void sink(std::size_t index) noexcept;

  std::array<lane, lane_count> lanes_;
  std::size_t recent_ = 0;  // the lane that something was added to last
  std::vector<timed*> heap_;
  std::size_t size_ = 0;
};

}  // namespace kvco::core
