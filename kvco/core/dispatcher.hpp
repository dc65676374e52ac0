// Delivered messages -> who subscribed.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <cstdint>
#include <functional>
#include <kvco/detail/text_hash.hpp>
#include <kvco/error.hpp>
#include <kvco/wire/event.hpp>
#include <string>
#include <string_view>

namespace kvco::core {

class subscriber {
 public:
  virtual void on_message(const wire::event& message) = 0;
  /// The server has refused the subscription, or something that was published on its behalf.
  virtual void on_refused(const error_code&, const std::string& /*words*/) {}

 protected:
  ~subscriber() = default;
};

/// Subscriptions by sid. Sids are never reused, so a late message for a closed one has no receiver.
class dispatcher {
 public:
  std::uint64_t add(subscriber& target, std::string_view subject) noexcept;
  void remove(std::uint64_t sid) noexcept;
  /// nullptr: the sid has no subscriber (any more).
  subscriber* find(std::uint64_t sid) const noexcept;
  subscriber* find(std::string_view subject) const noexcept;
  /// False: the sid has no subscriber (any more); the message is counted.
  bool dispatch(const wire::event& message);
  std::size_t size() const noexcept { return table_.size(); }
  std::uint64_t strays() const noexcept { return strays_; }

 private:
  struct subscription {
    subscriber* target;
    std::string subject;
  };
  absl::flat_hash_map<std::uint64_t, subscription> table_;
  absl::flat_hash_map<std::string, std::uint64_t, detail::text_hash, std::equal_to<>>
      by_subject_;                // the newest of each
  subscriber* recent_ = nullptr;  // messages come in runs: most need no look-up
  std::uint64_t recent_sid_ = 0;
  std::uint64_t last_sid_ = 0;
  std::uint64_t strays_ = 0;
};

}  // namespace kvco::core
