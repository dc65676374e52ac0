// The state of a client at one moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <kvco/error.hpp>
#include <kvco/options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kvco {
/// The states of a client.
enum class connection_state : std::uint8_t {
  connecting,    ///< for the first time
  connected,     ///<
  reconnecting,  ///< the connection was lost
  closing,       ///< close() or drain() was called
  closed,        ///< the client has ended
};
std::string_view to_string(connection_state state) noexcept;

/// A watch that is open.
struct watch_health {
  std::string bucket;             ///< its name
  bool live = false;              ///< the server delivers to it now; false: it is being set up
  bool initial_complete = false;  ///< the initial data was taken
  kvco::revision cursor = 0;      ///< of the last entry taken
  std::size_t queued = 0;         ///< entries received and not taken
  std::uint64_t behind = 0;       ///< entries that the server had still to send, as of the last one received
  std::uint64_t recreated = 0;    ///< how many times it was set up again
};

/// How a client is, at one moment (client::health()).
struct client_health {
  connection_state state = connection_state::closed;  ///< of the connection
  std::string server;                                 ///< "host:port" of the connection; empty without one
  std::string server_version;                         ///< of the last connection
  duration connected_for{};                           ///< since the handshake; 0 without a connection
  duration round_trip{};  ///< of the last PING, which is sent at least every ping_interval; 0: unknown
  std::size_t pending_requests = 0;   ///< sent and not answered
  std::size_t waiting_requests = 0;   ///< waiting for a connection, or for room in the write buffer
  std::size_t unsent_bytes = 0;       ///< that wait for the socket
  error_code last_error;              ///< of the connection: why it was lost, or an attempt has failed
  std::string last_error_detail;      ///< the text of last_error; never a secret
  std::vector<watch_health> watches;  ///< those that are open
};

}  // namespace kvco
