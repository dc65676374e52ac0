// A lock: a key that its holder writes again and again, and that expires if the holder does not.
#pragma once

#include <chrono>
#include <kvco/cli/command.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kvco::cli {

class held_lock {
 public:
  /// `ttl`: the age at which keys of the bucket expire.
  held_lock(bucket in, std::string name, duration ttl);

  /// Waits until no other process holds it, at most for `wait`.
  asio::awaitable<void> acquire(command_ptr call, std::optional<duration> wait);
  /// Grows with each holder: the protected system can refuse an older one.
  revision token() const noexcept { return token_; }
  /// Writes the key again until the lock is lost.
  asio::awaitable<void> keep();
  /// A third of its time: the rest of it when keep() reports it as lost, unless another process has written the key.
  std::chrono::steady_clock::duration part_of_ttl() const;
  /// Deletes the key, if it is the own one; even if it is unknown whether it was created.
  asio::awaitable<void> release();

 private:
  asio::awaitable<bool> try_to_create(command_ptr call);
  asio::awaitable<bool> is_fresh();
  asio::awaitable<bool> renew();
  asio::awaitable<std::optional<revision>> own_revision();

  bucket in_;
  std::string name_, owner_;
  duration ttl_;
  revision token_ = 0, last_ = 0;
  std::chrono::steady_clock::time_point expires_{};
  bool may_be_held_ = false;
};
using held_lock_ptr = std::shared_ptr<held_lock>;

}  // namespace kvco::cli
