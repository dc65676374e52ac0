#include "recent_events.hpp"

#include <algorithm>
#include <iterator>

namespace gateway {

void recent_events::push(const event_ptr& event) {
  events_.push_back(event);
  bytes_ += event->text.size();
  last_ = event->revision;
  while (events_.size() > max_size_ || bytes_ > max_bytes_) {
    floor_ = events_.front()->revision;
    bytes_ -= events_.front()->text.size();
    events_.pop_front();
  }
}

void recent_events::restart(kvco::revision revision) {
  events_.clear();
  bytes_ = 0;
  floor_ = last_ = revision;
}

std::vector<event_ptr> recent_events::after(kvco::revision revision) const {
  std::vector<event_ptr> out;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(out),
               [&](const event_ptr& each) { return each->revision > revision; });
  return out;
}

}  // namespace gateway
