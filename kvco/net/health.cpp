// How a client is, and what it has to tell: the session as seen from outside.
#include <kvco/detail/concat.hpp>
#include <kvco/jetstream/subjects.hpp>
#include <kvco/net/session.hpp>

namespace kvco::net {
namespace {

connection_state state_of(const session& s, bool ended, bool was_connected) {
  if (ended) return connection_state::closed;
  if (s.closing()) return connection_state::closing;
  if (s.ready()) return connection_state::connected;
  return was_connected ? connection_state::reconnecting : connection_state::connecting;
}

}  // namespace

client_health session::health() const {
  client_health now;
  now.state = state_of(*this, done_ || terminated_, connected_once_);
  now.server_version = info().version;
  now.pending_requests = inbox_.size();
  now.waiting_requests = waiting();
  now.last_error = last_error_;
  now.last_error_detail = last_error_detail_;
  if (ready()) {
    now.server = conn_->server.place();
    now.connected_for = this->now() - ready_since_;
    now.round_trip = conn_->link.round_trip();
    now.unsent_bytes = conn_->out.pending_bytes();
  }
  members_.describe(now);
  return now;
}

void session::mute() noexcept {
  if (telemetry_) telemetry_->mute();
}

void session::tell(event_kind kind, std::string server, bool with_reason) {
  client_event told;
  told.kind = kind;
  told.server = std::move(server);
  if (with_reason) {
    told.reason = code_;
    told.detail = detail_;
  }
  told.attempt = attempt_;
  if (kind == event_kind::reconnecting) told.delay = last_pause_;
  if (kind == event_kind::write_buffer_full) told.bytes = conn_->out.pending_bytes();
  telemetry_->tell(std::move(told));
}

void session::note_attempt(const std::string& server) {
  ++counters_.attempts;
  if (connected_once_) ++attempt_;
  if (!telemetry_) return;
  telemetry_->log(log_level::debug, "dialling", {{"server", server}});
  if (connected_once_) tell(event_kind::reconnecting, server, false);
  last_pause_ = {};  // the next server of a round follows at once
}

// code_ and detail_ say why.
void session::note_failure(const std::string& server, bool was_ready) {
  if (terminated_) return;  // it was we who left
  last_error_ = code_;
  last_error_detail_ = detail_;
  if (!was_ready) ++counters_.failed_attempts;
  const bool credentials = code_ == errc::authentication_failed;
  if (credentials) ++counters_.authentication_failures;
  if (!telemetry_) return;
  if (credentials) tell(event_kind::authentication_failed, server);
  tell(was_ready ? event_kind::disconnected : event_kind::connect_failed, server);
}

void session::note_slow() {
  if (!telemetry_ || std::exchange(slow_told_, true)) return;
  tell(event_kind::write_buffer_full, conn_->server.place(), false);
}

void session::on_watch_recreated(std::string_view stream) {
  ++counters_.watches_recreated;
  if (!telemetry_) return;
  client_event told;
  told.kind = event_kind::watch_recreated;
  told.bucket = jetstream::bucket_of_stream(stream);
  telemetry_->tell(std::move(told));
}

}  // namespace kvco::net
