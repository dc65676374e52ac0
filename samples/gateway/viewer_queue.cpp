#include "viewer_queue.hpp"

#include <string_view>
#include <unordered_set>
#include <utility>

namespace gateway {

void viewer_queue::push(event_ptr event) {
  if (overflowed_) return;
  events_.push_back(std::move(event));
  if (events_.size() <= max_size_) return;
  conflate();
  if (events_.size() <= max_size_) return;
  events_.clear();
  overflowed_ = true;
}

void viewer_queue::conflate() {
  std::unordered_set<std::string_view> seen;
  std::deque<event_ptr> newest;
  for (auto it = events_.rbegin(); it != events_.rend(); ++it) {
    if (seen.insert((*it)->key).second) newest.push_front(*it);
  }
  conflated_ += events_.size() - newest.size();
  events_ = std::move(newest);
}

std::size_t viewer_queue::take(std::string& text, std::size_t size) {
  std::size_t count = 0;
  for (; !events_.empty() && text.size() < size; ++count) {
    text += events_.front()->id;
    text += events_.front()->text;
    events_.pop_front();
  }
  return count;
}

void viewer_queue::clear() noexcept {
  events_.clear();
  overflowed_ = false;
}

}  // namespace gateway
