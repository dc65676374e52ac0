#include <kvco/net/journal.hpp>

#include <kvco/jetstream/subjects.hpp>
#include <utility>

namespace kvco::net {

client_event journal::made(event_kind kind, std::string server, bool with_reason) const {
  client_event event;
  event.kind = kind;
  event.server = std::move(server);
  if (with_reason) {
    event.reason = code_;
    event.detail = detail_;
  }
  event.attempt = attempt_;
  return event;
}

void journal::tell(event_kind kind, const std::string& server, bool with_reason) const {
  if (listeners_) listeners_->tell(made(kind, server, with_reason));
}

void journal::log(log_level level, std::string_view message, telemetry::fields with) const {
  if (listeners_) listeners_->log(level, message, with);
}

void journal::on_dial(const std::string& server) {
  ++counters.attempts;
  if (was_connected_) ++attempt_;
  log(log_level::debug, "dialling", {{"server", server}});
  if (was_connected_ && listeners_) {
    client_event event = made(event_kind::reconnecting, server, false);
    event.delay = pause_;
    listeners_->tell(std::move(event));
  }
  pause_ = {};  // the next server of a round follows at once
}

void journal::on_connected(const std::string& server, core::time_point now) {
  since_ = now;
  if (std::exchange(was_connected_, true)) ++counters.reconnects;
  set_reason({}, {});
  tell(event_kind::connected, server);
  attempt_ = 0;
  pause_ = {};
}

void journal::on_failure(const std::string& server, bool was_connected) {
  last_error_ = code_;
  last_error_detail_ = detail_;
  if (!was_connected) ++counters.failed_attempts;
  const bool credentials = code_ == errc::authentication_failed;
  if (credentials) ++counters.authentication_failures;
  if (credentials) tell(event_kind::authentication_failed, server);
  tell(was_connected ? event_kind::disconnected : event_kind::connect_failed, server);
}

void journal::on_full(const std::string& server, std::size_t bytes) {
  if (!listeners_) return;
  client_event event = made(event_kind::write_buffer_full, server, false);
  event.bytes = bytes;
  listeners_->tell(std::move(event));
}

void journal::on_watch_recreated(std::string_view stream) {
  ++counters.watches_recreated;
  if (!listeners_) return;
  client_event event;
  event.kind = event_kind::watch_recreated;
  event.bucket = jetstream::bucket_of_stream(stream);
  listeners_->tell(std::move(event));
}

void journal::on_slow_consumer(const std::string& subject) {
  if (!listeners_) return;
  client_event event;
  event.kind = event_kind::slow_consumer;
  event.detail = subject;
  listeners_->tell(std::move(event));
}

void journal::mute() noexcept {
  if (listeners_) listeners_->mute();
}

void journal::describe(client_health& client) const {
  client.last_error = last_error_;
  client.last_error_detail = last_error_detail_;
}

}  // namespace kvco::net
