// The heap of deadlines.
#include <kvco/core/deadlines.hpp>

#include <algorithm>

namespace kvco::core {
namespace {
constexpr std::size_t width = 4;
}

void deadlines::set(timed& item, time_point at) {
  if (item.index_ == timed::none) {
    item.deadline_ = at;
    heap_.push_back(&item);
    item.index_ = static_cast<std::uint32_t>(heap_.size() - 1);
    rise(item.index_);
    return;
  }
  const bool earlier = at < item.deadline_;
  item.deadline_ = at;
  earlier ? rise(item.index_) : sink(item.index_);
}

void deadlines::remove(timed& item) noexcept {
  if (item.index_ == timed::none) return;
  const std::size_t index = item.index_;
  item.index_ = timed::none;
  timed* last = heap_.back();
  heap_.pop_back();
  if (last == &item) return;
  place(index, last);
  rise(index);
  sink(last->index_);
}

std::optional<time_point> deadlines::next() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->deadline_;
}

timed* deadlines::take_due(time_point now) noexcept {
  if (heap_.empty() || heap_.front()->deadline_ > now) return nullptr;
  timed* due = heap_.front();
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
