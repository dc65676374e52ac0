// The life of a client's connection: dial, converse, lose, pause, dial again.
#include <kvco/net/session.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/connection_clock.hpp>
#include <kvco/net/introduction.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/quietly.hpp>

namespace kvco::net {
namespace {

// After FIN the server closes at once; one that does not is not waited for longer.
constexpr auto last_words = std::chrono::seconds(1);
// A server in lame duck mode stays for 10 s at least (its lame_duck_grace_period).
constexpr auto longest_leave = std::chrono::seconds(5);

}  // namespace

void session::open(std::vector<core::server_url> servers) {
  servers_ = core::server_pool(std::move(servers), settings_.max_discovered_servers());
  if (settings_.shuffle_servers()) servers_.shuffle(world_->random());
  asio::co_spawn(executor_, run(shared_from_this()), must_not_throw());
  asio::co_spawn(executor_, keep_time(shared_from_this()), must_not_throw());
}

void session::refuse(const error_code& code, std::string words) {
  code_ = code;
  detail_ = std::move(words);
  hopeless_ = closing_ = terminated_ = done_ = true;
  opened_.set();
  finished_.set();
}

asio::awaitable<void> session::run(std::shared_ptr<session>) {
  // While it drains it comes back for what is pending.
  while (!terminated_) {
    const bool was_connected = co_await sweep();
    const bool again =
        connected_once_ ? settings_.reconnect().enabled() : settings_.reconnect().retry_first_connect();
    if (terminated_ || hopeless_ || !again) break;
    // A connection that does not last is no reason to come back faster.
    if (was_connected && now() - ready_since_ >= settings_.reconnect().max_delay()) backoff_.reset();
    co_await pause();
  }
  const bool asked_for = std::exchange(terminated_, true);
  closing_ = true;
  if (telemetry_) tell(event_kind::closed, {}, !asked_for);
  error_code why = asio::error::operation_aborted;
  if (connected_once_ && code_) why = hopeless_ ? code_ : error_code(client_error::connection_lost);
  members_.each([&](session_member& who) { who.end(why, detail_); });
  fail_everything(why);
  done_ = true;
  opened_.set();
  finished_.set();
  world_->wake();
}

// Tries each server once, from the one after the last. True: one was connected (and is lost again).
asio::awaitable<bool> session::sweep() {
  sweep_time_ = core::sweep_time(settings_.connect_timeout(), servers_.discovered(), sweeps_in_vain_++);
  for (std::size_t tried = 0; tried < servers_.size() && !terminated_ && !hopeless_; ++tried) {
    if (!co_await converse(servers_.next())) continue;
    sweeps_in_vain_ = 0;
    co_return true;
  }
  co_return false;
}

asio::awaitable<void> session::pause() {
  paused_.reset();
  last_pause_ = backoff_.next();
  set_deadline(*clock_, now() + last_pause_);
  co_await paused_.wait(quietly);
}

// Either the server has refused our credentials, or we have none to show.
void session::note_failed_login(const connection& conn) {
  if (conn.code == client_error::authentication_failed) {
    hopeless_ = logins_.refused(kind_of_credentials(settings_, conn.server), conn.server.place(), conn.detail,
                                servers_.places(), now());
  } else if (conn.introduction_failed && !connected_once_ && !settings_.reconnect().retry_first_connect()) {
    hopeless_ = true;  // the other servers would not hear of any either
  }
}

// What Asio throws instead of completing with it (no thread for its resolver, say) is the error of this attempt.
asio::awaitable<environment::connected> session::dial(core::server_url server) {
  const core::time_point begin = now();
  const duration share = server.discovered ? sweep_time_.share() : settings_.connect_timeout();
  const bool discovered = server.discovered;
  set_deadline(*clock_, begin + share);
  dial_plan plan(server, tls_of(server));
  plan.until = begin + share;
  plan.websocket_headers = settings_.websocket().headers();
  plan.websocket_compression = settings_.websocket().compression();
  dialling_ = true;
  environment::connected dialled;
  try {
    dialled = co_await world_->connect(std::move(plan));
  } catch (const boost::system::system_error& thrown) {
    dialled.code = thrown.code();
    dialled.detail = thrown.what();
  }
  dialling_ = false;
  deadlines_.remove(*clock_);
  if (discovered && world_) sweep_time_.took(now() - begin);
  co_return dialled;
}

// One connection from dialling to its end. True: the handshake was completed.
asio::awaitable<bool> session::converse(core::server_url server) {
  timed_out_ = false;
  const std::string at = server.place();
  note_attempt(at);
  const core::time_point until = now() + settings_.connect_timeout();
  auto dialled = co_await dial(server);
  if (terminated_) co_return false;
  const std::string place = at + ": ";
  if (dialled.code) {
    code_ = client_error::connect_failed;
    if (dialled.code.category() == client_category()) code_ = dialled.code;
    if (timed_out_) code_ = client_error::connect_timeout;
    detail_ = place + (timed_out_ ? "no answer" : dialled.detail);
    note_failure(at, false);
    co_return false;
  }
  const auto conn = std::make_shared<connection>(executor_, std::move(server), std::move(dialled.stream));
  conn_ = conn;
  if (conn->stream->secured()) note_secured(*conn);
  conn->link.start(
      {until - now(), settings_.ping_interval(), settings_.max_pings_outstanding(), settings_.max_payload()},
      now());
  set_deadline(*clock_, conn->link.deadline());
  asio::co_spawn(executor_, write(shared_from_this(), conn), must_not_throw());
  co_await talk(conn);
  conn->stream->close();
  const bool was_ready = conn->link.ready();
  code_ = conn->code;
  if (!was_ready && code_ == client_error::connection_lost) code_ = client_error::connect_failed;
  detail_ = was_ready ? conn->detail : place + conn->detail;
  if (!was_ready) note_failed_login(*conn);
  note_failure(at, was_ready);
  on_lost();
  co_return was_ready;
}

asio::awaitable<void> session::talk(std::shared_ptr<connection> conn) {
  try {
    const bool first = settings_.tls().handshake_first() && !conn->stream->secured();
    if (first && !co_await secure(conn)) co_return;
    co_await read(conn);
  } catch (const boost::system::system_error& thrown) {
    in_turn_ = false;
    conn->fail(conn->link.ready() ? client_error::connection_lost : client_error::connect_failed,
               thrown.what());
  }
}

namespace {

void on_read_failure(connection& conn, const error_code& code) {
  const bool before_info = conn.link.state() == core::link::phase::wait_info;
  // A server that refuses our certificate says so after the handshake (TLS 1.3), as an alert.
  const bool alert = !conn.link.ready() && code.category() == asio::error::get_ssl_category();
  const error_code why = code.category() == client_category() ? code
                         : alert                              ? client_error::tls_failed
                         : before_info                        ? client_error::connect_failed
                                                              : client_error::connection_lost;
  conn.fail(why, code != asio::error::eof ? code.message()
                 : before_info            ? "the server closed the connection before it sent INFO"
                                          : "the server closed the connection");
}

bool has_room(connection& conn) {
  if (has_memory_for([&] { conn.room = conn.parser.prepare(); })) return true;
  conn.fail(client_error::connection_lost, "no memory for what the server sends");
  return false;
}

}  // namespace

// What a user's handler throws belongs to io_context::run(), and not to the reader.
template <class Turn>
void session::as_reader(Turn turn) {
  try {
    turn();
  } catch (...) {
    asio::post(executor_, [thrown = std::current_exception()] { std::rethrow_exception(thrown); });
  }
}

// What a read of many replies makes ready is run in parts, and what it asks for is written in parts: both are touched again
// while they are in the processor's cache.
constexpr std::size_t enough_for_a_turn = 64;
constexpr std::size_t enough_to_write = 64 * 1024;

// What a transport reads without waiting is handled in the turn of what it has waited for, up to this: others have their turn then.
constexpr std::size_t enough_to_read = 256 * 1024;

asio::awaitable<void> session::read(std::shared_ptr<connection> conn) {
  while (!conn->closed) {
    if (!has_room(*conn)) break;
    const io_result got = co_await conn->stream->read_some(conn->room);
    if (got.code) {
      on_read_failure(*conn, got.code);
      break;
    }
    read_time_ = now();
    in_turn_ = true;  // what becomes ready has its turn behind the loop at the latest
    std::size_t total = 0;
    for (std::size_t size = got.size; size > 0; size = conn->stream->try_read(conn->room)) {
      conn->parser.commit(size);
      counters_.bytes_in += size;
      total += size;
      while (parse(*conn)) {
        in_turn_ = false;
        co_await introduce(conn);
        in_turn_ = true;
      }
      if (conn->closed || conn->parser.error() || total >= enough_to_read || !has_room(*conn)) break;
    }
    if (conn->parser.error() && !conn->closed) {
      const bool before_info = conn->link.state() == core::link::phase::wait_info;
      conn->fail(before_info ? error_code(client_error::not_a_nats_server) : conn->parser.error(),
                 before_info ? "what it sends is not INFO" : "the connection is out of step");
    }
    as_reader([this] { take_turn(); });
  }
}

// Handles what was read. True: the server has greeted, and hears who we are before this goes on.
bool session::parse(connection& conn) {
  while (!conn.closed) {
    const wire::event* event = conn.parser.next();
    if (event == nullptr || !dispatch(conn, *event)) break;
    if (conn.link.state() == core::link::phase::greeted) return true;
    if (became_ready_ < enough_for_a_turn) continue;
    as_reader([this] { run_ready(); });
    if (conn.out.waiting_bytes() >= enough_to_write) flush_output();
  }
  return false;
}

bool session::dispatch(connection& conn, const wire::event& event) {
  const entrance::visit inside(entrance_);
  answering_ = true;
  handle(conn, event);
  answering_ = false;
  limit_answers(conn);
  return !conn.closed;
}

void session::handle(connection& conn, const wire::event& event) {
  if (event.kind == wire::event_kind::msg && conn.link.ready()) {
    ++counters_.messages_in;
    dispatcher_.dispatch(event);
    return;
  }
  on_link_event(conn, conn.link.on_event(event, read_time_));
  if (event.kind == wire::event_kind::info && conn.link.state() > core::link::phase::wait_info) {
    info_ = conn.link.info();
    note_version();
    // Replies of the JetStream API are not bound to the limit of what clients publish: a low one must not refuse them.
    if (!settings_.ignore_discovered_servers()) {
      servers_.learn(conn.link.info().connect_urls, conn.server, conn.stream->secured());
    }
    if (conn.link.info().lame_duck) leave_lame_duck(conn);
    conn.parser.set_max_payload(
        std::max<std::uint64_t>(conn.link.info().max_payload, wire::limits().max_payload));
  }
}

void session::on_link_event(connection& conn, error_code code) {
  auto error = conn.link.take_error();
  if (code) {
    conn.last_error = std::move(error);
    return conn.fail(code, conn.link.detail());
  }
  if (error && conn.link.ready()) on_error_line(*error);
  if (conn.link.ready() && inbox_sid_ == 0) on_ready();
}

// The server closes its connections soon (lame duck mode): what is in flight gets its answer, the rest waits for another
// server. A client that knows no other one stays to the end.
void session::leave_lame_duck(connection& conn) {
  if (telemetry_ && !std::exchange(conn.lame_duck_told, true)) {
    tell(event_kind::lame_duck, conn.server.place(), false);
  }
  if (!conn.link.ready() || conn.leaving || servers_.size() < 2 || !settings_.reconnect().enabled()) return;
  conn.leaving = true;
  set_deadline(*clock_, now() + longest_leave);
  leave_if_idle();
}

void session::on_ready() {
  inbox_refused_ = {};
  logins_.accepted();
  inbox_sid_ = subscribe(*this, inbox_.subject());
  ready_since_ = now();
  if (std::exchange(connected_once_, true)) ++counters_.reconnects;
  first_connection_.ring();
  set_deadline(*clock_, conn_->link.deadline());
  code_ = {};
  detail_.clear();
  if (telemetry_) tell(event_kind::connected, conn_->server.place());
  attempt_ = 0;
  last_pause_ = {};
  opened_.set();
  members_.each([](session_member& who) { who.on_connected(); });
  send_waiting();
}

// What had certainly not been sent, and what only reads, waits for the next connection, but for steps of this one; the rest is
// ambiguous.
void session::on_lost() {
  deadlines_.remove(*clock_);
  if (!terminated_) accuse();
  const bool by_input = conn_->last_error && conn_->last_error->what == core::error_line::about::input;
  const std::uint64_t handed_over = conn_->out.handed_over();
  const std::uint64_t undone_from = by_input ? conn_->log.undone_from(handed_over) : handed_over;
  conn_->log.clear();
  dispatcher_.remove(std::exchange(inbox_sid_, 0));
  probe_.sent = inbox_question_.sent = false;
  std::vector<request*> again;
  inbox_.for_each([&](core::waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (terminated_) return;
    if (pending.effect_ != effect::read && pending.position() < undone_from) {
      return finish(pending, client_error::outcome_unknown, "sent, then the connection was lost");
    }
    inbox_.remove(pending);
    again.push_back(&pending);
  });
  std::sort(again.begin(), again.end(),
            [](const request* a, const request* b) { return a->position() > b->position(); });
  for (request* pending : again) {
    pending->stage_ = request::stage::waiting;
    waiting_.push_front(*pending);
  }
  for (auto next = waiting_.begin(); next != waiting_.end();) {
    request& open = *next++;
    if (may_wait(open)) continue;
    finish(open, client_error::connection_lost, "the connection was lost, and none is waited for");
  }
  conn_->link.stop();
  conn_.reset();
  members_.each([this](session_member& who) { who.on_lost(detail_); });
}

asio::awaitable<void> session::write(std::shared_ptr<session>, std::shared_ptr<connection> conn) {
  while (!conn->closed) {
    if (!conn->writing && conn->out.empty()) {
      if (conn->finishing) co_return co_await conn->stream->finish();
      conn->has_output.reset();
      co_await conn->has_output.wait(quietly);
      continue;
    }
    if (!conn->writing) {
      counters_.bytes_out += conn->out.waiting_bytes();
      conn->leave_to_writer(conn->out.take(), 0);
    }
    error_code code;
    try {
      code = co_await conn->stream->write(conn->unwritten);
    } catch (const boost::system::system_error& thrown) {
      code = thrown.code();
    }
    conn->out.written();
    conn->link.answer_pings();
    if (code && !conn->closed) {
      // Before it closed the server may have said why: that is read first.
      conn->unwritable = code.message();
      co_return set_deadline(*clock_, now() + last_words);
    }
    conn->writing = false;
    if (conn == conn_) send_waiting();
  }
}

asio::awaitable<void> session::keep_time(std::shared_ptr<session>) {
  while (!done_) {
    armed_ = deadlines_.next().value_or(core::time_point::max());
    if (armed_ > now()) co_await world_->sleep(armed_);
    const core::time_point present = now();
    const entrance::visit inside(entrance_);
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
  if (conn_->leaving) return conn_->leave();
  if (!conn_->unwritable.empty()) return conn_->fail(client_error::connection_lost, conn_->unwritable);
  if (const error_code code = conn_->link.on_time(present)) return conn_->fail(code, conn_->link.detail());
  set_deadline(*clock_, conn_->link.deadline());
  if (!conn_->out.empty()) has_output();
}

void session::terminate() {
  if (terminated_) return;
  closing_ = terminated_ = true;
  members_.each([](session_member& who) { who.end(asio::error::operation_aborted, {}); });
  fail_everything(asio::error::operation_aborted);
  paused_.set();
  world_->cancel_connect();
  if (!conn_) return;
  if (!conn_->link.ready()) return conn_->fail(client_error::closed, {});
  conn_->finishing = true;
  conn_->has_output.set();
  set_deadline(*clock_, now() + last_words);
}

}  // namespace kvco::net
