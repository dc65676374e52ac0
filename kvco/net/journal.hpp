// The events of a client: counts and records them, and reports them to the functions of config::observe().
#pragma once

#include <cstdint>
#include <kvco/config.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/error.hpp>
#include <kvco/net/telemetry.hpp>
#include <kvco/observe/health.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace kvco::net {

/// Counters since the client was created.
struct session_counters {
  std::uint64_t reconnects = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t attempts = 0, failed_attempts = 0;  // to connect
  std::uint64_t authentication_failures = 0;
  std::uint64_t watches_recreated = 0;
};

class journal {
 public:
  /// @param listeners  nullptr: nothing is reported
  explicit journal(std::shared_ptr<telemetry> listeners) : listeners_(std::move(listeners)) {}

  session_counters counters;

  /// Why there is no connection, or why the client has ended; no error while it is connected.
  const error_code& code() const noexcept { return code_; }
  const std::string& detail() const noexcept { return detail_; }
  void set_reason(error_code code, std::string detail) {
    code_ = code;
    detail_ = std::move(detail);
  }
  bool was_connected() const noexcept { return was_connected_; }
  core::time_point connected_since() const noexcept { return since_; }

  void on_dial(const std::string& server);
  void on_connected(const std::string& server, core::time_point now);
  /// The connection was lost, or could not be established; code() and detail() are the reason.
  void on_failure(const std::string& server, bool was_connected);
  void on_pause(duration delay) noexcept { pause_ = delay; }
  void on_lame_duck(const std::string& server);
  void on_full(const std::string& server, std::size_t bytes);
  void on_watch_recreated(std::string_view stream);
  /// A subscription begins to drop messages.
  void on_slow_consumer(const std::string& subject);
  /// @param by_itself  the client has given up; the user has not closed it
  void on_closed(bool by_itself);
  void log(log_level level, std::string_view message, telemetry::fields with) const;
  /// From now on nothing is reported.
  void mute() noexcept;
  /// Adds the last error of the connection.
  void describe(client_health& client) const;

 private:
  /// Reports an event of the connection to `server`, with the number of the attempt. @param fill  adds to the event
  template <class Fill>
  void report(event_kind kind, const std::string& server, Fill fill) const;
  void report_reason(event_kind kind, const std::string& server) const;

  std::shared_ptr<telemetry> listeners_;
  error_code code_, last_error_;
  std::string detail_, last_error_detail_;
  core::time_point since_{};
  duration pause_{};
  std::size_t attempt_ = 0;  // since the connection was lost
  bool was_connected_ = false;
};

}  // namespace kvco::net
