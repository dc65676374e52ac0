// Options of handlers: aggregates that are trivially destructible, as in options.hpp. Texts are read before the call returns.
#pragma once

#include <chrono>
#include <cstddef>
#include <kvco/app/error_policy.hpp>
#include <kvco/options.hpp>
#include <string_view>
#include <type_traits>

namespace kvco {

/// Where a handler's position is stored: a key of a bucket that is not watched by the same handler.
struct stored_position {
  std::string_view bucket{};  ///< created if it does not exist; empty: no position is stored
  std::string_view key{};     ///< one for each handler
  /// The minimum time between two writes. After a crash the entries of at most this time are handled again.
  duration interval = std::chrono::milliseconds(100);
};

/// Of app::watch().
struct watch_handler_options {
  std::string_view name{};  ///< in health, metrics and the log; empty: the bucket and the pattern
  /// Creates the bucket if it does not exist; false: binds to it, and without it run() ends with errc::bucket_not_found.
  bool declare = true;
  kvco::on_conflict on_conflict = on_conflict::keep;  ///< with a bucket_config: as ensure_options
  // As watch_options, for a handler without a stored position.
  /// See watch_options::meta_only.
  bool meta_only = false;
  /// See watch_options::include_history.
  bool include_history = false;
  /// See watch_options::updates_only.
  bool updates_only = false;
  /// Of the updates of a key that wait for the handler, only the newest is handled, in the place of the first: see
  /// watch_options::conflate.
  bool conflate = false;
  /// See watch_options::heartbeat.
  duration heartbeat{};
  /// The maximum number of calls at a time. Those of one key are one after the other, in the order of their revisions; with 1 all
  /// are.
  std::size_t concurrency = 1;
  /// The maximum number of entries taken and not handled, at least the concurrency. Beyond it the entries stay at the server.
  std::size_t max_queued = 256;
  /// The actions after an exception of the handler.
  error_policy on_error{};
  /// Where the position of the handler is stored.
  stored_position position{};
  /// Whether the app ends when the watch ends with an error (the bucket was deleted, a permission was taken away); false: the handler
  /// alone.
  bool required = true;
};

/// Of app::subscribe().
struct message_handler_options {
  std::string_view name{};  ///< in health, metrics and the log; empty: the subject
  std::string_view
      queue{};  ///< of all subscriptions with this queue group one receives each message; empty: none
  /// A bucket for a handler that takes one as a parameter; created if it does not exist, unless declare is false.
  std::string_view bucket{};
  /// See bucket.
  bool declare = true;
  /// The maximum number of calls at a time. Those of one subject are one after the other; with 1 all are.
  std::size_t concurrency = 1;
  std::size_t max_queued = 256;  ///< the maximum number of messages taken and not handled
  std::size_t max_pending =
      65536;  ///< beyond these: subscribe_options::max_pending. Further messages are dropped
  /// The actions after an exception of the handler.
  error_policy on_error{};
  bool required = true;  ///< as watch_handler_options::required
};

/// Of app::run().
struct run_options {
  bool signals = true;  ///< SIGINT and SIGTERM stop it; a second one of them does not wait for the handlers
  /// How long everything may take to end after stop() or a signal: the start, hooks, handlers. Then it is cancelled.
  duration drain_timeout = std::chrono::seconds(30);
};

static_assert(std::is_trivially_destructible_v<watch_handler_options> &&
              std::is_trivially_destructible_v<message_handler_options> &&
              std::is_trivially_destructible_v<run_options>);

}  // namespace kvco
