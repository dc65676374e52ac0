// The life of one connection, without I/O: handshake, liveness, the meaning of the server's errors.
#pragma once

#include <deque>
#include <kvco/core/deadlines.hpp>
#include <kvco/core/error_line.hpp>
#include <kvco/core/outbox.hpp>
#include <kvco/core/written_log.hpp>
#include <kvco/error.hpp>
#include <kvco/server_info.hpp>
#include <kvco/wire/event.hpp>
#include <optional>
#include <string>
#include <utility>

namespace kvco::core {

/// Who wants to know when the server has answered a PING, i.e. has read all that was written before it.
class ping_waiter {
 public:
  virtual void on_pong(time_point now) = 0;

 protected:
  ~ping_waiter() = default;

 private:
  friend class link;
  ping_waiter** place_ = nullptr;  // where its PING remembers it; nullptr: it waits for none
};

struct link_settings {
  duration handshake_timeout{};
  duration ping_interval{};
  int max_pings_outstanding = 2;
  std::uint64_t max_payload = 64u << 20;  // a larger value in INFO is not accepted
};

/// Connection by connection: start() after the transport is open, on_event() for each event, send_connect() once
/// greeted (and once TLS is established, if required), on_time() at deadline(). Answers are appended to the
/// outbox; a returned error ends the connection.
class link {
 public:
  enum class phase : std::uint8_t { idle, wait_info, greeted, wait_pong, ready };

  link(outbox& out, written_log& log) : out_(out), log_(log) {}

  void start(link_settings settings, time_point now);
  /// Handles everything but msg. `became_ready()` is true once the handshake is over.
  error_code on_event(const wire::event& event, time_point now);
  /// Answers the first INFO: CONNECT with this JSON, and a PING whose PONG confirms that CONNECT was
  /// accepted.
  void send_connect(std::string_view connect_json, time_point now = {});
  /// Sends a PING at each interval, and ends the connection if `max_pings_outstanding` are unanswered at the
  /// next. Only a PONG proves that the connection works both ways: written bytes prove nothing, and received
  /// bytes do not prove that the server receives ours. Nor does a PONG that answers no PING which has left
  /// the outbox.
  error_code on_time(time_point now);
  time_point deadline() const noexcept { return deadline_; }
  /// Queues the PONGs that are owed, as far as there is room: for when something was written. A peer that sends PINGs and does
  /// not read costs a number.
  void answer_pings();
  /// PONGs that are not queued yet.
  std::uint64_t pongs_owed() const noexcept { return pongs_owed_; }
  /// The connection ended: waiting pings are forgotten (their owners see the end by themselves).
  void stop() noexcept;

  phase state() const noexcept { return phase_; }
  bool ready() const noexcept { return phase_ == phase::ready; }
  const server_info& info() const noexcept { return info_; }
  /// The words behind the last error returned, or of the last non-fatal -ERR.
  const std::string& detail() const noexcept { return detail_; }

  /// @param who  waits for one PONG at a time
  void ping(ping_waiter& who, time_point now = {});
  /// A PING whose PONG limits the possible causes of an -ERR: the server has read everything before it.
  void fence(time_point now = {}) { write_ping(nullptr, now); }
  /// How long the last PING took to be answered; 0: unknown.
  duration round_trip() const noexcept { return round_trip_; }
  void forget(ping_waiter& who) noexcept;

  /// Set by an -ERR until taken. detail() has its words.
  std::optional<error_line> take_error() noexcept { return std::exchange(error_, std::nullopt); }

 private:
  error_code on_info(const wire::event& event);
  error_code on_pong(time_point now);
  void write_ping(ping_waiter* who, time_point now);
  void forget_pings() noexcept;
  void note_round_trip(time_point sent, time_point now) noexcept;
  error_code on_err(std::string_view text);
  error_code fail(client_error code, std::string_view detail);

  outbox& out_;
  written_log& log_;
  link_settings settings_;
  server_info info_;
  std::string detail_;
  std::optional<error_line> error_;
  struct sent_ping {
    ping_waiter* who;  // nullptr: a ping of our own
    time_point at;
    std::uint64_t end;  // of the PING in the outbox
  };
  std::deque<sent_ping> pings_;
  std::uint64_t pongs_owed_ = 0;
  std::uint64_t connect_end_ = 0;  // in the outbox
  time_point connect_sent_{};
  duration round_trip_{};
  time_point deadline_{};
  int pings_out_ = 0;
  phase phase_ = phase::idle;
};

}  // namespace kvco::core
