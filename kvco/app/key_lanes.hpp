// Which of the queued items a handler takes next: those of one key one after the other, those of several keys at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kvco::handling {

/// Items are numbers that ascend in the order in which they came. The oldest that may run is started first, so that a
/// concurrency of 1 keeps the order of all of them. A key has memory only while it has items here.
class key_lanes {
 public:
  /// @param concurrency  the maximum number of items that run; at least 1
  /// @param capacity  the maximum number of items that wait or run; at least the concurrency
  key_lanes(std::size_t concurrency, std::size_t capacity) : concurrency_(concurrency), capacity_(capacity) {}

  bool is_full() const noexcept { return queued_ + running_.size() >= capacity_; }
  bool is_idle() const noexcept { return queued_ + running_.size() == 0; }
  /// Is there one that start() would return?
  bool can_start() const noexcept { return running_.size() < concurrency_ && !first_.empty(); }
  std::size_t queued() const noexcept { return queued_; }
  std::size_t running() const noexcept { return running_.size(); }

  /// The last item of a key that waits.
  std::optional<std::uint64_t> last_waiting(std::string_view key) const;
  /// Requires that it is not full, and that the number is greater than all before.
  void push(std::string_view key, std::uint64_t number);
  /// The oldest item whose key has none that runs; nothing if there is no such item, or the maximum runs.
  std::optional<std::uint64_t> start();
  /// One that start() has returned: the next of its key may run.
  void finish(std::uint64_t number);
  /// Those that wait are dropped, those that run go on.
  void drop_queued();

 private:
  struct lane {
    std::list<std::uint64_t> waiting;  // a deque allocates half a kilobyte for each key
    bool is_running = false;
  };
  using lane_map = std::unordered_map<std::string, lane>;

  std::size_t concurrency_, capacity_;
  std::size_t queued_ = 0;
  lane_map lanes_;                                        // of keys that have items
  std::map<std::uint64_t, lane_map::value_type*> first_;  // of lanes in which none runs, by their first item
  std::unordered_map<std::uint64_t, lane_map::value_type*> running_;
};

}  // namespace kvco::handling
