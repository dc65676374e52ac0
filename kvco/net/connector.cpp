// The connections of a client, one after the other: dial, handshake, run until it is lost, wait, dial again.
#include <kvco/net/connector.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/connect_message.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/user_call.hpp>
#include <utility>

namespace kvco::net {

connector::connector(session& owner, const config& settings, std::uint64_t seed)
    : session_(owner),
      servers_({}, settings.max_discovered_servers()),
      backoff_(settings.reconnect().initial_delay(), settings.reconnect().max_delay(), seed,
               core::jitter::full),
      logins_(settings.reconnect().retry_refused_credentials()),
      paused_(owner.executor()) {}

void connector::set_servers(std::vector<core::server_url> servers) {
  servers_.replace(std::move(servers));
  if (session_.settings().shuffle_servers()) servers_.shuffle(session_.random());
  ++list_;
  logins_.forget_refusals();
  round_time_ = {session_.settings().connect_timeout(), 0, 0};
  tried_ = failed_rounds_ = 0;
}

bool connector::comes_back() const {
  if (leaves_) return true;
  const auto& settings = session_.settings().reconnect();
  return session_.was_connected() ? settings.enabled() : settings.retry_first_connect();
}

asio::awaitable<void> connector::run(std::shared_ptr<session>) {
  // A client that drains also reconnects: its pending operations need a connection.
  while (!session_.terminated()) {
    const bool was_connected = co_await try_all_servers();
    if (session_.terminated() || gave_up_ || !comes_back()) break;
    leaves_ = false;
    // A connection that was lost soon does not reset the backoff.
    const duration lasted = session_.now() - session_.journal().connected_since();
    if (was_connected && lasted >= session_.settings().reconnect().max_delay()) backoff_.reset();
    if (!std::exchange(hurried_, false)) co_await pause();
  }
  session_.on_end();
}

// Tries each server once, beginning after the last one tried. True: one was connected, and the connection has ended. If the servers are
// replaced meanwhile, the round begins again.
asio::awaitable<bool> connector::try_all_servers() {
  const duration attempt = session_.settings().connect_timeout();
  round_time_ = core::round_time(attempt, servers_.discovered(), failed_rounds_);
  tried_ = 0;
  while (tried_ < servers_.size() && !session_.terminated() && !gave_up_) {
    ++tried_;
    if (!co_await run_connection(next_server())) continue;
    failed_rounds_ = 0;
    co_return true;
  }
  ++failed_rounds_;
  const std::size_t limit = session_.settings().reconnect().max_attempts();
  gave_up_ = gave_up_ || (limit != 0 && failed_rounds_ >= limit && !session_.terminated());
  co_return false;
}

core::server_url connector::next_server() {
  const auto& choose = session_.settings().reconnect().next_server();
  std::string wanted;
  if (choose) call_user(session_.executor(), [&] { wanted = choose(servers_.places()); });
  return servers_.next(wanted);
}

duration connector::next_delay() {
  const auto& choose = session_.settings().reconnect().delay();
  duration chosen{};
  if (choose && call_user(session_.executor(), [&] { chosen = choose(failed_rounds_); })) {
    return std::clamp(chosen, duration(), core::max_time);
  }
  return backoff_.next();
}

asio::awaitable<void> connector::pause() {
  pausing_ = true;
  paused_.reset();
  const duration delay = next_delay();
  session_.journal().on_pause(delay);
  session_.set_deadline(*this, session_.now() + delay);
  co_await paused_.wait(as_tuple_deferred);
  pausing_ = false;
}

// Asio throws some errors instead of completing with them (e.g. if it can start no thread for its resolver): these also fail just
// this attempt.
asio::awaitable<environment::connected> connector::dial(core::server_url server) {
  const core::time_point begin = session_.now();
  const bool discovered = server.discovered;
  const duration share = discovered ? round_time_.share() : session_.settings().connect_timeout();
  session_.set_deadline(*this, begin + share);
  dial_plan plan(server, tls_of(server));
  plan.until = begin + share;
  plan.websocket_headers = session_.settings().websocket().headers();
  plan.websocket_compression = session_.settings().websocket().compression();
  timed_out_ = false;
  environment::connected dialled;
  try {
    dialled = co_await session_.world()->connect(std::move(plan));
  } catch (const boost::system::system_error& thrown) {
    dialled.code = thrown.code();
    dialled.detail = thrown.what();
  }
  session_.clear_deadline(*this);
  if (discovered && session_.world() != nullptr) round_time_.took(session_.now() - begin);
  co_return dialled;
}

void connector::on_dial_failure(const std::string& place, environment::connected& dialled) {
  error_code why = client_error::connect_failed;
  if (dialled.code.category() == client_category()) why = dialled.code;
  if (timed_out_) why = client_error::connect_timeout;
  session_.journal().set_reason(
      why, detail::concat(place, ": ", timed_out_ ? std::string_view("no answer") : dialled.detail));
  session_.journal().on_failure(place, false);
}

// One connection from dialling to its end. True: the handshake was completed.
asio::awaitable<bool> connector::run_connection(core::server_url server) {
  const std::string place = server.place();
  session_.journal().on_dial(place);
  list_of_connection_ = list_;
  const auto& settings = session_.settings();
  const core::time_point until = session_.now() + settings.connect_timeout();
  auto dialled = co_await dial(server);
  if (session_.terminated()) co_return false;
  if (dialled.code) {
    on_dial_failure(place, dialled);
    co_return false;
  }
  const auto conn = std::make_shared<connection>(session_, std::move(server), std::move(dialled.stream));
  session_.set_connection(conn);
  if (conn->stream->secured()) note_secured(*conn);
  conn->link.start({until - session_.now(), settings.ping_interval(), settings.max_pings_outstanding(),
                    settings.max_payload()},
                   session_.now());
  conn->begin_clock();
  asio::co_spawn(session_.executor(), conn->write_rest(session_.shared_from_this(), conn),
                 terminate_on_exception());
  co_await conn->talk(conn);
  co_return on_end(*conn);
}

bool connector::on_end(connection& conn) {
  const bool was_ready = conn.link.ready();
  const std::string place = conn.server.place();
  conn.stream->close();
  error_code why = conn.code;
  if (!was_ready && why == client_error::connection_lost) why = client_error::connect_failed;
  session_.journal().set_reason(why, was_ready ? conn.detail : detail::concat(place, ": ", conn.detail));
  if (!was_ready) note_failed_login(conn);
  // Otherwise it was the client that left.
  if (!session_.terminated()) session_.journal().on_failure(place, was_ready);
  session_.on_lost();
  return was_ready;
}

// Either the server has refused our credentials, or we have none to show.
void connector::note_failed_login(const connection& conn) {
  if (list_of_connection_ != list_) return;  // those credentials are not used any more
  if (conn.code == client_error::authentication_failed) {
    gave_up_ = logins_.refused(kind_of_credentials(session_.settings(), conn.server), conn.server.place(),
                               conn.detail, servers_.places(), session_.now());
  } else if (conn.credentials_failed && !session_.was_connected() &&
             !session_.settings().reconnect().retry_first_connect()) {
    gave_up_ = true;  // the other servers would get no credentials either
  }
}

bool connector::has_another(const core::server_url& than) const {
  return servers_.has_another(than) && session_.settings().reconnect().enabled();
}

void connector::learn(const connection& from) {
  if (session_.settings().ignore_discovered_servers() || list_of_connection_ != list_) return;
  servers_.learn(from.link.info().connect_urls, from.server, from.stream->secured());
}

void connector::hurry() noexcept {
  leaves_ = leaves_ || session_.requests().has_line();
  hurried_ = !pausing_;
  if (pausing_) paused_.set();
}

void connector::on_connected() noexcept {
  logins_.accepted();
  leaves_ = hurried_ = false;
}

void connector::stop() noexcept {
  paused_.set();
  session_.world()->cancel_connect();
}

void connector::on_deadline(core::time_point) {
  if (pausing_) return paused_.set();
  timed_out_ = true;
  session_.world()->cancel_connect();
}

}  // namespace kvco::net
