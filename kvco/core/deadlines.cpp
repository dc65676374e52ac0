// The queue of deadlines: lanes, and a heap for the rest.
#include <kvco/core/deadlines.hpp>

#include <algorithm>

namespace kvco::core {
namespace {
constexpr std::size_t width = 4;
// Deadlines that follow within this time are taken to have the same timeout.
constexpr duration near = std::chrono::milliseconds(1);
}  // namespace

void deadlines::set(timed& item, time_point at) {
  remove(item);
  item.deadline_ = at;
  ++size_;
  if (lane* to = lane_for(at)) {
    item.index_ = timed::first_lane + static_cast<std::uint32_t>(to - lanes_.data());
    item.before_ = to->back;
    item.behind_ = nullptr;
    (to->back != nullptr ? to->back->behind_ : to->front) = &item;
    to->back = &item;
    recent_ = static_cast<std::size_t>(to - lanes_.data());
    return;
  }
  heap_.push_back(&item);
  item.index_ = static_cast<std::uint32_t>(heap_.size() - 1);
  rise(item.index_);
}

// The lane that was used last, if its end is near enough; else the one whose end is the latest that is not after `at`; else an
// empty one.
deadlines::lane* deadlines::lane_for(time_point at) noexcept {
  lane& recent = lanes_[recent_];
  if (recent.back != nullptr && recent.back->deadline_ <= at && at - recent.back->deadline_ <= near)
    return &recent;
  lane* best = nullptr;
  lane* empty = nullptr;
  for (lane& each : lanes_) {
    if (each.back == nullptr) {
      empty = &each;
    } else if (each.back->deadline_ <= at &&
               (best == nullptr || best->back->deadline_ < each.back->deadline_)) {
      best = &each;
    }
  }
  return best != nullptr ? best : empty;
}

void deadlines::remove(timed& item) noexcept {
  if (item.index_ == timed::none) return;
  --size_;
  if (item.index_ < timed::first_lane) {
    leave_heap(item.index_);
  } else {
    lane& from = lanes_[item.index_ - timed::first_lane];
    (item.before_ != nullptr ? item.before_->behind_ : from.front) = item.behind_;
    (item.behind_ != nullptr ? item.behind_->before_ : from.back) = item.before_;
  }
  item.index_ = timed::none;
}

void deadlines::clear() noexcept {
  while (timed* item = first()) remove(*item);
}

void deadlines::leave_heap(std::size_t index) noexcept {
  timed* const item = heap_[index];
  timed* const last = heap_.back();
  heap_.pop_back();
  if (last == item) return;
  place(index, last);
  rise(index);
  sink(last->index_);
}

timed* deadlines::first() const noexcept {
  timed* earliest = heap_.empty() ? nullptr : heap_.front();
  for (const lane& each : lanes_) {
    if (each.front != nullptr && (earliest == nullptr || each.front->deadline_ < earliest->deadline_))
      earliest = each.front;
  }
  return earliest;
}

std::optional<time_point> deadlines::next() const noexcept {
  const timed* const earliest = first();
  if (earliest == nullptr) return std::nullopt;
  return earliest->deadline_;
}

timed* deadlines::take_due(time_point now) noexcept {
  timed* const due = first();
  if (due == nullptr || due->deadline_ > now) return nullptr;
  remove(*due);
  return due;
}

void deadlines::place(std::size_t index, timed* item) noexcept {
  heap_[index] = item;
  item->index_ = static_cast<std::uint32_t>(index);
}

void deadlines::rise(std::size_t index) noexcept {
  timed* item = heap_[index];
  while (index > 0) {
    const std::size_t parent = (index - 1) / width;
    if (heap_[parent]->deadline_ <= item->deadline_) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, item);
}

void deadlines::sink(std::size_t index) noexcept {
  timed* item = heap_[index];
  while (true) {
    const std::size_t first = index * width + 1;
    if (first >= heap_.size()) break;
    const std::size_t last = std::min(first + width, heap_.size());
    std::size_t least = first;
    for (std::size_t child = first + 1; child < last; ++child) {
      if (heap_[child]->deadline_ < heap_[least]->deadline_) least = child;
    }
    if (item->deadline_ <= heap_[least]->deadline_) break;
    place(index, heap_[least]);
    index = least;
  }
  place(index, item);
}

}  // namespace kvco::core
