// The items of an operation on many keys: those that wait, those to be resent, those refused, and the number
// without an outcome.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace kvco::core {

/// Items are known by their places. They are taken in their order; those that go again, before all that were not taken yet.
class item_queue {
 public:
  using place = std::uint32_t;

  explicit item_queue(std::size_t count) noexcept : count_(static_cast<place>(count)), open_(count) {}

  bool has_next() const noexcept { return again_at_ < again_.size() || untaken_ < count_; }
  place next() const noexcept { return again_at_ < again_.size() ? again_[again_at_] : untaken_; }
  /// next() is in flight, or settled.
  void take() noexcept { again_at_ < again_.size() ? take_again() : void(++untaken_); }
  /// One that was in flight goes again, after those that do so already.
  void again(place item) { again_.push_back(item); }
  /// From this place on nothing was taken yet.
  place untaken() const noexcept { return untaken_; }

  /// One that was in flight waits for retry().
  void refuse(place item) { refused_.push_back(item); }
  std::span<const place> refused() const noexcept { return refused_; }
  std::vector<place> take_refused() noexcept { return std::exchange(refused_, {}); }
  /// Those that were refused go again in their order, before all else, if `wanted(place)` is true.
  template <class Wanted>
  void retry(Wanted&& wanted) {
    std::vector<place> first = take_refused();
    std::sort(first.begin(), first.end());
    std::erase_if(first, [&](place item) { return !wanted(item); });
    first.insert(first.end(), again_.begin() + static_cast<std::ptrdiff_t>(again_at_), again_.end());
    again_ = std::move(first);
    again_at_ = 0;
  }

  /// One has its outcome.
  void settle() noexcept { --open_; }
  bool complete() const noexcept { return open_ == 0; }

 private:
  void take_again() noexcept {
    if (++again_at_ < again_.size()) return;
    again_.clear();
    again_at_ = 0;
  }

  std::vector<place> refused_;
  std::vector<place> again_;  // before untaken_, from again_at_ on
  std::size_t again_at_ = 0;
  place untaken_ = 0, count_;
  std::size_t open_;  // without an outcome
};

}  // namespace kvco::core
