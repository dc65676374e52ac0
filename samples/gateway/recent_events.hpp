// The last events of a watch, for viewers that come back.
#pragma once

#include <cstddef>
#include <deque>
#include <kvco/entry.hpp>
#include <vector>

#include "events.hpp"

namespace gateway {

/// Bounded in number and bytes. Between floor() and last(), both of them revisions, it has every event.
class recent_events {
 public:
  recent_events(std::size_t max_size, std::size_t max_bytes) : max_size_(max_size), max_bytes_(max_bytes) {}

  void push(const event_ptr& event);
  /// Forgets all events: they are complete only after `revision`.
  void restart(kvco::revision revision);
  /// Whether everything after `revision` is here.
  bool covers(kvco::revision revision) const noexcept { return revision >= floor_ && revision <= last_; }
  std::vector<event_ptr> after(kvco::revision revision) const;

  kvco::revision floor() const noexcept { return floor_; }
  kvco::revision last() const noexcept { return last_; }

 private:
  std::deque<event_ptr> events_;
  std::size_t max_size_, max_bytes_, bytes_ = 0;
  kvco::revision floor_ = 0, last_ = 0;
};

}  // namespace gateway
