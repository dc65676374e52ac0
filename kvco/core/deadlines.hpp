// Everything that waits for a point in time, behind one timer: a heap ordered by deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace kvco::core {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::nanoseconds;

/// What may have a deadline. It is in one heap at most and leaves it when it is destroyed by its owner.
class timed {
 public:
  time_point deadline() const noexcept { return deadline_; }
  bool has_deadline() const noexcept { return index_ != none; }
  /// The deadline has passed; it is out of the heap already.
  virtual void on_deadline(time_point now) = 0;

 protected:
  timed() noexcept = default;
  timed(const timed&) = delete;
  timed& operator=(const timed&) = delete;
  ~timed() = default;

 private:
  friend class deadlines;
  static constexpr std::uint32_t none = UINT32_MAX;
  time_point deadline_{};
  std::uint32_t index_ = none;
};

/// A 4-ary heap of timed things. Deadlines mostly come in growing order (equal timeouts): add() is then O(1).
class deadlines {
 public:
  /// Sets or moves the deadline of `item`.
  void set(timed& item, time_point at);
  void remove(timed& item) noexcept;
  std::optional<time_point> next() const noexcept;
  /// Takes the first item whose deadline is not after `now`, or nullptr.
  timed* take_due(time_point now) noexcept;
  std::size_t size() const noexcept { return heap_.size(); }

 private:
  void place(std::size_t index, timed* item) noexcept;
  void rise(std::size_t index) noexcept;
  void sink(std::size_t index) noexcept;

  std::vector<timed*> heap_;
};

}  // namespace kvco::core
