#include <kvco/net/journal.hpp>

#include <kvco/jetstream/subjects.hpp>
#include <utility>

namespace kvco::net {

template <class Fill>
void journal::report(event_kind kind, const std::string& server, Fill fill) const {
  if (!listeners_) return;
  client_event event;
  event.kind = kind;
  event.server = server;
  fill(event);
  listeners_->report(std::move(event));
}

void journal::report_reason(event_kind kind, const std::string& server) const {
  report(kind, server, [this](client_event& event) {
    event.reason = code_;
    event.detail = detail_;
    event.attempt = attempt_;
  });
}

void journal::log(log_level level, std::string_view message, telemetry::fields with) const {
  if (listeners_) listeners_->log(level, message, with);
}

void journal::on_dial(const std::string& server) {
  ++counters.attempts;
  if (was_connected_) ++attempt_;
  log(log_level::debug, "dialling", {{"server", server}});
  if (was_connected_) {
    report(event_kind::reconnecting, server, [this](client_event& event) {
      event.attempt = attempt_;
      event.delay = pause_;
    });
  }
  pause_ = {};  // the next server of a round follows at once
}

void journal::on_connected(const std::string& server, core::time_point now) {
  since_ = now;
  if (std::exchange(was_connected_, true)) ++counters.reconnects;
  set_reason({}, {});
  report_reason(event_kind::connected, server);
  attempt_ = 0;
  pause_ = {};
}

void journal::on_failure(const std::string& server, bool was_connected) {
  last_error_ = code_;
  last_error_detail_ = detail_;
  if (!was_connected) ++counters.failed_attempts;
  if (code_ == errc::authentication_failed) {
    ++counters.authentication_failures;
    report_reason(event_kind::authentication_failed, server);
  }
  report_reason(was_connected ? event_kind::disconnected : event_kind::connect_failed, server);
}

void journal::on_lame_duck(const std::string& server) {
  report(event_kind::lame_duck, server, [this](client_event& event) { event.attempt = attempt_; });
}

void journal::on_full(const std::string& server, std::size_t bytes) {
  report(event_kind::write_buffer_full, server, [&](client_event& event) {
    event.attempt = attempt_;
    event.bytes = bytes;
  });
}

void journal::on_watch_recreated(std::string_view stream) {
  ++counters.watches_recreated;
  report(event_kind::watch_recreated, {},
         [&](client_event& event) { event.bucket = jetstream::bucket_of_stream(stream); });
}

void journal::on_slow_consumer(const std::string& subject) {
  report(event_kind::slow_consumer, {}, [&](client_event& event) { event.detail = subject; });
}

void journal::on_closed(bool by_itself) {
  if (by_itself) return report_reason(event_kind::closed, {});
  report(event_kind::closed, {}, [this](client_event& event) { event.attempt = attempt_; });
}

void journal::mute() noexcept {
  if (listeners_) listeners_->mute();
}

void journal::describe(client_health& client) const {
  client.last_error = last_error_;
  client.last_error_detail = last_error_detail_;
}

}  // namespace kvco::net
