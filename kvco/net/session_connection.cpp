// The life of a client's connection: dial, converse, lose, pause, dial again.
#include <kvco/net/session.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/connection_clock.hpp>
#include <kvco/net/ping.hpp>
#include <kvco/net/watch.hpp>
#include <kvco/wire/info.hpp>

namespace kvco::net {
namespace {

constexpr asio::as_tuple_t<asio::deferred_t> quietly{asio::deferred};
// After FIN the server closes at once; one that does not is not waited for longer.
constexpr auto last_words = std::chrono::seconds(1);

}  // namespace

void session::open(std::vector<core::server_url> servers) {
  servers_ = std::move(servers);
  thread_ = std::this_thread::get_id();
  asio::co_spawn(executor_, run(shared_from_this()), asio::detached);
  asio::co_spawn(executor_, keep_time(shared_from_this()), asio::detached);
}

asio::awaitable<void> session::run(std::shared_ptr<session>) {
  while (!closing_) {
    const bool was_connected = co_await sweep();
    if (closing_ || !connected_once_ || !settings_.reconnect()) break;
    // A connection that does not last is no reason to come back faster.
    if (was_connected && now() - ready_since_ >= settings_.reconnect_most()) backoff_.reset();
    co_await pause();
  }
  closing_ = terminated_ = true;
  const error_code why = connected_once_ && code_ ? error_code(client_error::connection_lost) : error_code();
  const std::vector<watch*> watches(watches_.begin(), watches_.end());
  for (watch* open : watches) open->end(why ? why : error_code(asio::error::operation_aborted), detail_);
  fail_everything(why ? why : error_code(asio::error::operation_aborted));
  done_ = true;
  opened_.set();
  finished_.set();
  world_->wake();
}

// Tries each server once, from the one after the last. True: one was connected (and is lost again).
asio::awaitable<bool> session::sweep() {
  for (std::size_t tried = 0; tried < servers_.size() && !closing_; ++tried) {
    const core::server_url& server = servers_[next_server_];
    next_server_ = (next_server_ + 1) % servers_.size();
    if (co_await converse(server)) co_return true;
  }
  co_return false;
}

asio::awaitable<void> session::pause() {
  paused_.reset();
  set_deadline(*clock_, now() + backoff_.next());
  co_await paused_.wait(quietly);
}

// One connection from dialling to its end. True: the handshake was completed.
asio::awaitable<bool> session::converse(core::server_url server) {
  timed_out_ = false;
  dialling_ = true;
  const core::time_point until = now() + settings_.connect_timeout();
  set_deadline(*clock_, until);
  auto dialled = co_await world_->connect({server.host, server.port});
  dialling_ = false;
  deadlines_.remove(*clock_);
  if (closing_) co_return false;
  if (dialled.code) {
    code_ = timed_out_ ? client_error::connect_timeout : client_error::connect_failed;
    detail_ = timed_out_ ? detail::concat(server.host, ":", std::to_string(server.port), ": no answer")
                         : dialled.detail;
    co_return false;
  }
  const auto conn = std::make_shared<connection>(executor_, std::move(dialled.stream));
  conn_ = conn;
  conn->link.start(
      {connect_json(server), until - now(), settings_.ping_interval(), settings_.max_pings_out()}, now());
  set_deadline(*clock_, conn->link.deadline());
  asio::co_spawn(executor_, write(shared_from_this(), conn), asio::detached);
  co_await read(conn);
  conn->stream->close();
  const bool was_ready = conn->link.ready();
  code_ = conn->code;
  if (!was_ready && code_ == client_error::connection_lost) code_ = client_error::connect_failed;
  detail_ = was_ready ? conn->detail
                      : detail::concat(server.host, ":", std::to_string(server.port), ": ", conn->detail);
  on_lost();
  co_return was_ready;
}

asio::awaitable<void> session::read(std::shared_ptr<connection> conn) {
  while (!conn->closed) {
    const io_result got = co_await conn->stream->read_some(conn->parser.prepare());
    if (got.code) {
      const bool before_info = conn->link.state() == core::link::phase::wait_info;
      conn->fail(before_info ? client_error::connect_failed : client_error::connection_lost,
                 got.code == asio::error::eof ? detail::concat("the server closed the connection",
                                                               before_info ? " before it sent INFO" : "")
                                              : got.code.message());
      break;
    }
    conn->parser.commit(got.size);
    counters_.bytes_in += got.size;
    read_time_ = now();
    while (const wire::event* event = conn->parser.next()) {
      if (!dispatch(*conn, *event)) break;
    }
    if (conn->parser.error() && !conn->closed) {
      const bool before_info = conn->link.state() == core::link::phase::wait_info;
      conn->fail(before_info ? error_code(client_error::not_a_nats_server) : conn->parser.error(),
                 before_info ? "what it sends is not INFO" : "the connection is out of step");
    }
    if (!conn->out.empty()) wake_writer();
  }
}

bool session::dispatch(connection& conn, const wire::event& event) {
  if (event.kind == wire::event_kind::msg && conn.link.ready()) {
    ++counters_.messages_in;
    dispatcher_.dispatch(event);
    return !conn.closed;
  }
  on_link_event(conn, conn.link.on_event(event, read_time_));
  if (event.kind == wire::event_kind::info) {
    // Replies of the JetStream API are not bound to the limit of what clients publish: a low one must not refuse them.
    conn.parser.set_max_payload(
        std::max<std::uint64_t>(conn.link.info().max_payload, wire::limits().max_payload));
  }
  return !conn.closed;
}

void session::on_link_event(connection& conn, error_code code) {
  if (code) return conn.fail(code, conn.link.detail());
  if (const auto subject = conn.link.take_denied_subject()) on_denied(*subject);
  if (conn.link.ready() && inbox_sid_ == 0) on_ready();
}

// The server says so asynchronously and the request gets no reply: it is found by its subject.
void session::on_denied(const std::string& subject) {
  const std::string words = conn_->link.detail();
  const bool no_replies = subject == inbox_.subject();
  inbox_denied_ = inbox_denied_ || no_replies;
  inbox_.for_each([&](core::waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (no_replies || pending.frame_.subject() == subject)
      finish(pending, client_error::permission_denied, words);
  });
  const std::vector<watch*> watches(watches_.begin(), watches_.end());
  for (watch* open : watches) open->on_denied(subject, words);
}

void session::on_ready() {
  inbox_denied_ = false;
  inbox_sid_ = subscribe(*this, inbox_.subject());
  info_ = conn_->link.info();
  ready_since_ = now();
  if (std::exchange(connected_once_, true)) ++counters_.reconnects;
  set_deadline(*clock_, conn_->link.deadline());
  code_ = {};
  detail_.clear();
  opened_.set();
  const std::vector<watch*> watches(watches_.begin(), watches_.end());
  for (watch* open : watches) open->on_connected();
  send_waiting();
}

// What had certainly not been sent, and what only reads, waits for the next connection; the rest is ambiguous.
void session::on_lost() {
  deadlines_.remove(*clock_);
  const std::uint64_t handed_over = conn_->out.handed_over();
  dispatcher_.remove(std::exchange(inbox_sid_, 0));
  std::vector<request*> again;
  inbox_.for_each([&](core::waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (terminated_) return;
    if (pending.effect_ == effect::write && pending.begin_ < handed_over) {
      return finish(pending, client_error::outcome_unknown, "sent, then the connection was lost");
    }
    inbox_.remove(pending);
    again.push_back(&pending);
  });
  std::sort(again.begin(), again.end(),
            [](const request* a, const request* b) { return a->begin_ > b->begin_; });
  for (request* pending : again) {
    pending->stage_ = request::stage::waiting;
    waiting_.push_front(*pending);
  }
  while (!pings_.empty()) pings_.back()->fail(client_error::connection_lost);
  info_ = conn_->link.info();
  conn_->link.stop();
  conn_.reset();
  const std::vector<watch*> watches(watches_.begin(), watches_.end());
  for (watch* open : watches) open->on_disconnected();
}

asio::awaitable<void> session::write(std::shared_ptr<session>, std::shared_ptr<connection> conn) {
  while (!conn->closed) {
    if (conn->out.empty()) {
      if (conn->finishing) co_return conn->stream->shutdown_send();
      conn->has_output.reset();
      co_await conn->has_output.wait(quietly);
      continue;
    }
    const auto& pieces = conn->out.take();
    for (const std::string_view piece : pieces) counters_.bytes_out += piece.size();
    const error_code code = co_await conn->stream->write(pieces);
    conn->out.written();
    if (code && !conn->closed) conn->fail(client_error::connection_lost, code.message());
    if (conn == conn_) send_waiting();
  }
}

asio::awaitable<void> session::keep_time(std::shared_ptr<session>) {
  while (!done_) {
    armed_ = deadlines_.next().value_or(core::time_point::max());
    if (armed_ > now()) co_await world_->sleep(armed_);
    const core::time_point present = now();
    while (core::timed* due = deadlines_.take_due(present)) due->on_deadline(present);
  }
}

void session::on_clock(core::time_point present) {
  if (dialling_) {
    timed_out_ = true;
    return world_->cancel_connect();
  }
  if (!conn_) return paused_.set();
  if (conn_->finishing)
    return conn_->fail(client_error::closed, "the server did not close after the client did");
  if (const error_code code = conn_->link.on_time(present)) return conn_->fail(code, conn_->link.detail());
  set_deadline(*clock_, conn_->link.deadline());
  if (!conn_->out.empty()) wake_writer();
}

void session::terminate() {
  if (terminated_) return;
  closing_ = terminated_ = true;
  const std::vector<watch*> watches(watches_.begin(), watches_.end());
  for (watch* open : watches) open->end(asio::error::operation_aborted, {});
  fail_everything(asio::error::operation_aborted);
  paused_.set();
  world_->cancel_connect();
  if (!conn_) return;
  if (!conn_->link.ready()) return conn_->fail(client_error::closed, {});
  conn_->finishing = true;
  conn_->has_output.set();
  set_deadline(*clock_, now() + last_words);
}

std::string session::connect_json(const core::server_url& server) const {
  wire::connect_fields fields;
  fields.name = settings_.name();
  fields.user = server.user.empty() ? settings_.user() : server.user;
  fields.password = server.user.empty() ? settings_.password() : server.password;
  fields.token = server.token.empty() ? settings_.token() : server.token;
  return wire::connect_json(fields);
}

}  // namespace kvco::net
