// The events that the connection reports to its session, and the state that users see.
#include <kvco/net/session.hpp>
#include <kvco/wire/info.hpp>
#include <utility>

namespace kvco::net {
namespace {

connection_state state_of(const session& s, bool ended) {
  if (ended) return connection_state::closed;
  if (s.closing()) return connection_state::closing;
  if (s.ready()) return connection_state::connected;
  return s.was_connected() ? connection_state::reconnecting : connection_state::connecting;
}

}  // namespace

void session::on_error_line(const core::error_line& line, const std::string& words) {
  const bool limit = line.what == core::error_line::about::some_subscription;
  journal_.log(log_level::warning, limit ? "refused by the server" : "permission denied",
               {{"detail", words}});
  requests_.on_error_line(line, api_.as_published(line.subject), words);
}

void session::on_info(connection& conn) {
  server_.info = conn.link.info();
  server_.version = wire::read_version(info().version);
  requests_.set_max_payload(info().max_payload);
  connector_.learn(conn);
}

void session::on_connected() {
  connector_.on_connected();
  requests_.on_connected(*conn_);
  journal_.on_connected(conn_->server.place(), now());
  life_.connection_established.notify();
  conn_->begin_clock();
  life_.opened.set();
  members_.each([](session_member& who) { who.on_connected(); });
  send_waiting();
}

void session::on_lost() {
  conn_->stop_clock();
  requests_.on_lost(conn_->last_error ? &*conn_->last_error : nullptr, conn_->detail);
  conn_->link.stop();
  conn_.reset();
  members_.each([this](session_member& who) { who.on_lost(detail()); });
}

void session::has_output() noexcept {
  if (conn_ && !conn_->is_writing()) turns_.schedule();
}

void session::on_full() { journal_.on_full(conn_->server.place(), conn_->out.pending_bytes()); }

void session::leave_if_idle() {
  if (closing() && pending() == 0) life_.idle.set();
  if (conn_) conn_->leave_if_idle();
}

// The requests of a turn are sent in one system call at its end.
void session::end_turn() {
  leave_if_idle();
  if (const auto conn = conn_) conn->flush();
}

client_health session::health() const {
  client_health now;
  now.state = state_of(*this, terminated());
  now.server_version = info().version;
  now.pending_requests = inbox().size();
  now.waiting_requests = requests_.waiting();
  journal_.describe(now);
  if (ready()) {
    now.server = conn_->server.place();
    now.connected_for = this->now() - journal_.connected_since();
    now.round_trip = conn_->link.round_trip();
    now.unsent_bytes = conn_->out.pending_bytes();
  }
  members_.describe(now);
  return now;
}

}  // namespace kvco::net
