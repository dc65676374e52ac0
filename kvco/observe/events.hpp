// The events of a client: connections, refusals, watches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <kvco/error.hpp>
#include <kvco/options.hpp>
#include <string>
#include <string_view>

namespace kvco {
/// The kinds of client_event.
enum class event_kind : std::uint8_t {
  connected,              ///< also after a lost connection
  disconnected,           ///< a connection was lost, or left: see reason and detail
  reconnecting,           ///< an attempt to come back begins
  connect_failed,         ///< an attempt has failed: see reason and detail
  authentication_failed,  ///< ... because of the credentials; or they were revoked on a connection
  lame_duck,              ///< the server is about to shut down; it is left for another one, if one is known
  write_buffer_full,  ///< more is written than the socket takes: operations are queued (config::write_buffer)
  watch_recreated,    ///< a watch was set up again after its last entry
  slow_consumer,  ///< a subscription begins to drop messages: its subject is in detail (subscribe_options::max_pending)
  closed,  ///< the client has ended
};
std::string_view to_string(event_kind kind) noexcept;

/// An event of a client. Members that do not apply are empty.
struct client_event {
  event_kind kind{};   ///< which event
  std::string server;  ///< "host:port"
  error_code reason;   ///< no error: nothing went wrong
  std::string detail;  ///< the words behind the reason; never a secret
  std::size_t attempt =
      0;               ///< reconnecting, connected: the number of the attempt since the connection was lost
  duration delay{};    ///< reconnecting: the pause before it
  std::string bucket;  ///< watch_recreated
  std::size_t bytes = 0;  ///< write_buffer_full: that wait for the socket
};

}  // namespace kvco
