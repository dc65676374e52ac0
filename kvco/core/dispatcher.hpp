// Delivered messages -> who subscribed.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <kvco/wire/event.hpp>

namespace kvco::core {

class subscriber {
 public:
  virtual void on_message(const wire::event& message) = 0;

 protected:
  ~subscriber() = default;
};

/// Subscriptions by sid. Sids are never used twice, so that what arrives late for a closed one finds nobody.
class dispatcher {
 public:
  std::uint64_t add(subscriber& target) {
    table_.emplace(++last_sid_, &target);
    return last_sid_;
  }
  void remove(std::uint64_t sid) noexcept {
    table_.erase(sid);
    if (sid == recent_sid_) recent_sid_ = 0;
  }
  /// False: nobody has this sid (any more); it is counted.
  bool dispatch(const wire::event& message);
  std::size_t size() const noexcept { return table_.size(); }
  std::uint64_t strays() const noexcept { return strays_; }

 private:
  absl::flat_hash_map<std::uint64_t, subscriber*> table_;
  subscriber* recent_ = nullptr;  // messages come in runs: most need no look-up
  std::uint64_t recent_sid_ = 0;
  std::uint64_t last_sid_ = 0;
  std::uint64_t strays_ = 0;
};

}  // namespace kvco::core
