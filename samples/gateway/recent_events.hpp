// The last events of a watch, for viewers that come back.
#pragma once

#include <cstddef>
#include <deque>
#include <kvco/entry.hpp>
#include <vector>

#include "events.hpp"

namespace gateway {

/// Bounded in number and bytes. It has every event after floor(), up to last().
class recent_events {
 public:
  recent_events(std::size_t max_size, std::size_t max_bytes) : max_size_(max_size), max_bytes_(max_bytes) {}

  void push(const event_ptr& event);
  /// Forgets all events: they are complete only after `place`.
  void restart(event_place place);
  /// Whether everything after `place` is here.
  bool covers(event_place place) const noexcept { return place >= floor_ && place <= last_; }
  std::vector<event_ptr> after(event_place place) const;

  event_place floor() const noexcept { return floor_; }
  event_place last() const noexcept { return last_; }

 private:
  std::deque<event_ptr> events_;
  std::size_t max_size_, max_bytes_, bytes_ = 0;
  event_place floor_, last_;
};

}  // namespace gateway
