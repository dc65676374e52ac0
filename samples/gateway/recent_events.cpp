#include "recent_events.hpp"

#include <algorithm>
#include <iterator>

namespace gateway {
namespace {

std::size_t size_of(const live_event& event) { return event.id.size() + event.text.size(); }

}  // namespace

void recent_events::push(const event_ptr& event) {
  events_.push_back(event);
  bytes_ += size_of(*event);
  last_ = event->place;
  while (events_.size() > max_size_ || bytes_ > max_bytes_) {
    floor_ = events_.front()->place;
    bytes_ -= size_of(*events_.front());
    events_.pop_front();
  }
}

void recent_events::restart(event_place place) {
  events_.clear();
  bytes_ = 0;
  floor_ = last_ = place;
}

std::vector<event_ptr> recent_events::after(event_place place) const {
  std::vector<event_ptr> out;
  std::copy_if(events_.begin(), events_.end(), std::back_inserter(out),
               [&](const event_ptr& each) { return each->place > place; });
  return out;
}

}  // namespace gateway
