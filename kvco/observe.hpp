// What a client tells of itself while it works: events, a log, every operation - and how it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kvco/error.hpp>
#include <kvco/options.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kvco {

// --- events -----------------------------------------------------------------------------------------------------------

enum class event_kind : std::uint8_t {
  connected,              ///< also after a lost connection
  disconnected,           ///< a connection was lost, or left: see reason and detail
  reconnecting,           ///< an attempt to come back begins
  connect_failed,         ///< an attempt has failed: see reason and detail
  authentication_failed,  ///< ... because of the credentials; or they were revoked on a connection
  lame_duck,              ///< the server is about to shut down; it is left for another one, if one is known
  write_buffer_full,  ///< more is written than the socket takes: operations are queued (config::write_buffer)
  watch_recreated,    ///< a watch was set up again behind its last entry
  closed,             ///< the client has ended
};
std::string_view to_string(event_kind kind) noexcept;

/// Something that has happened to a client. What does not apply is empty.
struct client_event {
  event_kind kind{};
  std::string server;  ///< "host:port"
  error_code reason;   ///< no error: nothing went wrong
  std::string detail;  ///< the words behind the reason; never a secret
  std::size_t attempt =
      0;               ///< reconnecting, connected: the number of the attempt since the connection was lost
  duration delay{};    ///< reconnecting: the pause before it
  std::string bucket;  ///< watch_recreated
  std::size_t bytes = 0;  ///< write_buffer_full: that wait for the socket
};

// --- the log ----------------------------------------------------------------------------------------------------------

enum class log_level : std::uint8_t { debug, info, warning, error };
std::string_view to_string(log_level level) noexcept;

struct log_field {
  std::string_view name, value;
};

/// A line of the log; its views are valid during the call.
struct log_record {
  log_level level{};
  std::string_view message;           ///< always the same for the same occasion
  std::span<const log_field> fields;  ///< what was different this time
};
/// `level=warning msg="connection lost" server=127.0.0.1:4222 reason="..."`, without a line end.
std::string to_string(const log_record& record);

// --- operations -------------------------------------------------------------------------------------------------------

enum class operation_kind : std::uint8_t {
  put,
  create,
  update,
  erase,
  purge,
  get,
  get_revision,
  get_many,
  put_many,
  purge_deletes,
  keys,
  history,
  status,
  create_bucket,
  open_bucket,
  ensure_bucket,
  delete_bucket,
  bucket_names,
};
std::string_view to_string(operation_kind kind) noexcept;

/// The beginning of an operation; its views are valid during the call.
struct operation_start {
  operation_kind kind{};
  std::string_view bucket;  ///< empty: of no bucket
  std::string_view key;     ///< of operations on one key
};

/// The end of an operation, just before its handler is called.
struct operation_end {
  operation_kind kind{};
  std::string_view bucket, key;
  error_code code;                 ///< no error: it succeeded
  duration elapsed{};              ///< since it was started
  std::size_t bytes_sent = 0;      ///< of values
  std::size_t bytes_received = 0;  ///< of values
  std::uintptr_t tag = 0;          ///< what on_start() has returned
};

/// Hears of every operation on a key or a bucket, for metrics and traces: see config::observe(). Where none is set it costs a
/// comparison of a pointer.
///
/// It is called on the client's thread, never in the middle of a reply's handling, and may use the client. What it throws leaves
/// io_context::run(), as what a handler throws; the operation goes on. Not told: the end of what is dropped with the
/// io_context.
class operation_observer {
 public:
  virtual ~operation_observer() = default;
  /// Called in the initiating function, in the caller's context: the place for the parent of a span.
  virtual std::uintptr_t on_start(const operation_start&) { return 0; }
  virtual void on_end(const operation_end& end) = 0;
};

// --- health -----------------------------------------------------------------------------------------------------------

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
  std::string bucket;
  bool live = false;              ///< the server delivers to it now; false: it is being set up
  bool initial_complete = false;  ///< the initial data was taken
  kvco::revision cursor = 0;      ///< of the last entry taken
  std::size_t queued = 0;         ///< entries received and not taken
  std::uint64_t behind = 0;       ///< entries that the server had still to send, as of the last one received
  std::uint64_t recreated = 0;    ///< so often it was set up again
};

/// How a client is, at one moment (client::health()).
struct client_health {
  connection_state state = connection_state::closed;
  std::string server;          ///< "host:port" of the connection; empty without one
  std::string server_version;  ///< of the last connection
  duration connected_for{};    ///< since the handshake; 0 without a connection
  duration round_trip{};       ///< of the last PING, which is sent at least every ping_interval; 0: unknown
  std::size_t pending_requests = 0;  ///< sent and not answered
  std::size_t waiting_requests = 0;  ///< waiting for a connection, or for room in the write buffer
  std::size_t unsent_bytes = 0;      ///< that wait for the socket
  error_code last_error;             ///< of the connection: why it was lost, or an attempt has failed
  std::string last_error_detail;
  std::vector<watch_health> watches;
};

}  // namespace kvco
