// A lock: a key that its holder writes again and again, and that expires if the holder does not.
#pragma once

#include <chrono>
#include <kvco/cli/command.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kvco::cli {

class held_lock;
using held_lock_ptr = std::shared_ptr<held_lock>;

/// Waits until no other process holds it, at most for `wait`. `ttl`: the age at which keys of the bucket expire.
asio::awaitable<held_lock_ptr> acquire(command_ptr call, bucket in, std::string name, duration ttl,
                                       std::optional<duration> wait);

class held_lock {
 public:
  /// `begun`: before the request that created its key.
  held_lock(bucket in, std::string name, std::string owner, duration ttl, revision token,
            std::chrono::steady_clock::time_point begun);

  /// Renews it if a third of its time has passed. False: it may be lost.
  asio::awaitable<bool> is_fresh();

  /// Grows with each holder: the protected system can refuse an older one.
  revision token() const noexcept { return token_; }
  /// Writes the key again until the lock is lost.
  asio::awaitable<void> keep();
  /// Deletes the key, if it is still the own one.
  asio::awaitable<void> release();

 private:
  std::chrono::steady_clock::duration part_of_ttl() const;
  asio::awaitable<bool> renew();
  asio::awaitable<std::optional<revision>> own_revision();

  bucket in_;
  std::string name_, owner_;
  duration ttl_;
  revision token_, last_;
  std::chrono::steady_clock::time_point expires_;
};

}  // namespace kvco::cli
