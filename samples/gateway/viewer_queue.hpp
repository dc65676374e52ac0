// The events that one viewer has not taken yet.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "events.hpp"

namespace gateway {

/// Bounded. Up to `max_size` events it keeps each one, in order. With more, it keeps only the newest of each key; if that is still too
/// many, it drops all, and the viewer has to begin again from a snapshot.
class viewer_queue {
 public:
  explicit viewer_queue(std::size_t max_size) : max_size_(max_size) {}

  void push(event_ptr event);
  /// Appends events to `text` until it has at least `size` bytes or none is left. Returns the number of events.
  std::size_t take(std::string& text, std::size_t size);

  bool empty() const noexcept { return events_.empty(); }
  std::size_t size() const noexcept { return events_.size(); }
  std::size_t conflated() const noexcept { return conflated_; }  ///< events left out in favour of newer ones
  bool overflowed() const noexcept { return overflowed_; }
  void clear() noexcept;  ///< nothing is pending and nothing was lost

 private:
  void conflate();

  std::deque<event_ptr> events_;
  std::size_t max_size_;
  std::size_t conflated_ = 0;
  bool overflowed_ = false;
};

}  // namespace gateway
