// Options of core NATS: publish, request, subscribe. Aggregates that are trivially destructible, as in options.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <kvco/diagnostics.hpp>
#include <kvco/messaging/headers.hpp>
#include <kvco/options.hpp>
#include <string_view>
#include <type_traits>

namespace kvco {

/// Of client::publish().
struct publish_options {
  /// Read before the call returns; nullptr: none.
  const kvco::headers* headers = nullptr;
  /// The subject for a reply; empty: none.
  std::string_view reply_to{};
  /// Waits until the server has read the message; if the server refuses it, the operation fails (errc::permission_denied). NATS
  /// confirms no more than that.
  bool confirm = false;
  /// The maximum wait for a connection, for room in the write buffer, and for the confirmation; 0: the client's default.
  duration timeout{};
  kvco::diagnostics* diag = nullptr;
};

/// Of client::request().
struct message_request_options {
  const kvco::headers* headers = nullptr;  ///< read before the call returns; nullptr: none
  duration timeout{};                      ///< until the reply; 0: the client's default
  /// idempotent: sent again after a lost connection; without an answer it ends with errc::timeout.
  kvco::retry retry = retry::never;
  kvco::diagnostics* diag = nullptr;
};

/// Conditions under which the replies to request_many() are complete. If none is set: at the timeout.
struct gather_options {
  const kvco::headers* headers = nullptr;  ///< read before the call returns; nullptr: none
  duration timeout{};                      ///< of the whole; 0: the client's default
  std::size_t max_replies = 0;             ///< after this number; 0: not set
  duration stall{};                   ///< if no further reply arrives within this time after one; 0: not set
  bool until_empty = false;           ///< at a reply without payload, which is not returned
  kvco::diagnostics* diag = nullptr;  ///< written when it ends with an error
};

/// The reaction of a subscription to a message for which it has no room.
enum class when_full : std::uint8_t {
  drop,  ///< drops and counts it (subscription::dropped()); reports event_kind::slow_consumer at the first one
  end,   ///< ends with errc::slow_consumer after the messages received before
};

/// Of client::subscribe().
struct subscribe_options {
  /// The queue group: each message is delivered to one subscription of the group; empty: none.
  std::string_view queue{};
  std::size_t max_pending = 65536;  ///< maximum number of messages not taken; at least 1
  std::size_t max_pending_bytes =
      64u << 20;  ///< maximum of their subjects, headers and payloads, in bytes; at least 1
  kvco::when_full when_full = when_full::drop;  ///< the reaction beyond these limits
  std::uint64_t max_messages = 0;               ///< ends after this number; 0: not set
  kvco::diagnostics* diag = nullptr;            ///< written when it ends with an error
};

static_assert(std::is_trivially_destructible_v<publish_options> &&
              std::is_trivially_destructible_v<message_request_options> &&
              std::is_trivially_destructible_v<gather_options> &&
              std::is_trivially_destructible_v<subscribe_options>);

}  // namespace kvco
