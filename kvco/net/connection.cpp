// The work of a connection: parses and dispatches the input, and writes the output of a turn in one system call.
#include <kvco/net/connection.hpp>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <kvco/net/as_tuple_deferred.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/session.hpp>
#include <kvco/net/user_call.hpp>
#include <utility>

namespace kvco::net {
namespace {

// The handlers that a read of many replies makes ready run in parts of this number, and their output is written in parts
// (enough_to_write): both are touched again while they are in the processor's cache.
constexpr std::size_t enough_for_a_turn = 64;
// Bytes that can be read without waiting belong to the same turn, up to this number; then other handlers have their turn.
constexpr std::size_t enough_to_read = 256 * 1024;

// The maximum of unsent output that messages of the server have caused and that is no request. The second number is for one
// subscription: all of them may be renewed after one PONG.
constexpr std::size_t max_answer_bytes = 1u << 20, max_answer_bytes_of_subscription = 1024;

}  // namespace

connection::connection(session& owner, core::server_url where, std::unique_ptr<transport> opened)
    : server(std::move(where)),
      stream(std::move(opened)),
      interrupted(owner.executor()),
      session_(owner),
      has_output_(owner.executor()) {
  // The server's max_payload limits publishes only: replies of the JetStream API exceed it (100 000 subjects in one), and so do values
  // that were stored before it was lowered.
  parser.set_max_payload(owner.settings().max_payload());
}

asio::awaitable<void> connection::talk(std::shared_ptr<connection> self) {
  try {
    const bool first = session_.settings().tls().handshake_first() && !stream->secured();
    if (first && !co_await secure(self)) co_return;
    co_await read(std::move(self));
  } catch (const boost::system::system_error& thrown) {
    session_.turns().release();
    fail(link.ready() ? client_error::connection_lost : client_error::connect_failed, thrown.what());
  }
}

asio::awaitable<bool> connection::secure(std::shared_ptr<connection>) {
  tls_settings settings = session_.connector().tls_of(server);
  step_result done = co_await stream->secure(std::move(settings));
  if (done.code && !closed) fail(done.code, std::move(done.detail));
  if (!closed) session_.connector().note_secured(*this);
  co_return !closed;
}

asio::awaitable<void> connection::read(std::shared_ptr<connection> self) {
  while (!closed) {
    if (!has_room()) break;
    const io_result got = co_await stream->read_some(room_);
    if (got.code) {
      on_read_failure(got.code);
      break;
    }
    session_.begin_read();
    session_.turns().hold();  // the turn follows after the loop at the latest
    std::size_t total = 0;
    for (std::size_t size = got.size; size > 0; size = stream->try_read(room_)) {
      parser.commit(size);
      session_.journal().counters.bytes_in += size;
      total += size;
      while (parse()) {
        session_.turns().release();
        co_await session_.connector().handshake(self);
        session_.turns().hold();
      }
      if (closed || parser.error() || total >= enough_to_read || !has_room()) break;
    }
    if (parser.error() && !closed) on_parse_error();
    call_user(session_.executor(), [this] { session_.turns().take_turn(); });
  }
}

bool connection::has_room() {
  if (has_memory_for([&] { room_ = parser.prepare(); })) return true;
  fail(client_error::connection_lost, "no memory for what the server sends");
  return false;
}

// Handles the input. True: it was the first INFO; the handshake comes before the rest of the input.
bool connection::parse() {
  while (!closed) {
    const wire::event* event = parser.next();
    if (event == nullptr || !dispatch(*event)) break;
    if (link.state() == core::link::phase::greeted) return true;
    if (session_.turns().became_ready() < enough_for_a_turn) continue;
    call_user(session_.executor(), [this] { session_.turns().run(); });
    if (out.waiting_bytes() >= enough_to_write) flush();
  }
  return false;
}

bool connection::dispatch(const wire::event& event) {
  const core::entrance::visit inside(session_.entrance());
  answering = true;
  handle(event);
  answering = false;
  limit_answers();
  return !closed;
}

void connection::handle(const wire::event& event) {
  if (event.kind == wire::event_kind::msg && link.ready()) {
    session_.on_message(event);
    return;
  }
  on_link_event(link.on_event(event, session_.read_time()));
  if (event.kind == wire::event_kind::info && link.state() > core::link::phase::wait_info) on_info();
}

void connection::on_link_event(error_code failed) {
  auto error = link.take_error();
  if (failed) {
    last_error = std::move(error);
    return fail(failed, link.detail());
  }
  if (!link.ready()) return;
  if (error) session_.on_error_line(*error, link.detail());
  if (!session_.requests().has_line()) return session_.on_connected();
  session_.send_waiting();  // a PONG may have made room
}

void connection::on_info() {
  session_.on_info(*this);
  // The server closes its connections soon (lame duck mode): requests in flight are answered here, others wait for another
  // server. A client that knows no other one stays until the server closes.
  if (link.info().lame_duck) {
    if (!std::exchange(lame_duck_reported_, true)) session_.journal().on_lame_duck(server.place());
    if (link.ready() && !leaving && session_.connector().has_another(server))
      leave("the server is about to shut down");
  }
}

// Messages of the server cause output (PONG, answers to flow control, renewed subscriptions). A server that does not read it must
// not make the outbox grow without limit.
void connection::limit_answers() {
  const std::uint64_t owed = link.pongs_owed() * std::string_view("PONG\r\n").size();
  const std::uint64_t open = out.answer_bytes() + owed;
  if (open <= max_answer_bytes || closed) return;
  if (open <= max_answer_bytes + max_answer_bytes_of_subscription * session_.subscriptions().size()) return;
  fail(client_error::connection_lost,
       "the server does not read the answers to what it sends (PONG, flow control)");
}

void connection::on_read_failure(const error_code& failed) {
  const bool before_info = link.state() == core::link::phase::wait_info;
  // In TLS 1.3 a server rejects the client's certificate after the handshake, with an alert.
  const bool alert = !link.ready() && failed.category() == asio::error::get_ssl_category();
  const error_code why = failed.category() == client_category() ? failed
                         : alert                                ? client_error::tls_failed
                         : before_info                          ? client_error::connect_failed
                                                                : client_error::connection_lost;
  fail(why, failed != asio::error::eof ? failed.message()
            : before_info              ? "the server closed the connection before it sent INFO"
                                       : "the server closed the connection");
}

void connection::on_parse_error() {
  const bool before_info = link.state() == core::link::phase::wait_info;
  fail(before_info ? error_code(client_error::not_a_nats_server) : parser.error(),
       before_info ? "what it sends is not INFO" : "the connection is out of step");
}

void connection::flush() noexcept {
  while (!closed && !writing_ && !finishing_ && (!out.empty() || stream->owes())) {
    session_.journal().counters.bytes_out += out.waiting_bytes();
    const auto& pieces = out.take();
    const write_result written = stream->try_write(pieces);
    if (!written.whole) return leave_to_writer(pieces, written.taken);
    out.written();
    link.answer_pings();
    session_.send_waiting();
  }
}

// The writer continues after the first `taken` bytes of the pieces that the outbox has handed over.
void connection::leave_to_writer(const std::vector<std::string_view>& pieces, std::size_t taken) {
  unwritten_.clear();
  for (const std::string_view piece : pieces) {
    const std::size_t done = std::min(taken, piece.size());
    taken -= done;
    if (done < piece.size()) unwritten_.push_back(piece.substr(done));
  }
  writing_ = true;
  has_output_.set();
}

asio::awaitable<void> connection::write_rest(std::shared_ptr<session>, std::shared_ptr<connection> self) {
  while (!closed) {
    if (!writing_ && out.empty()) {
      if (finishing_) co_return co_await stream->finish();
      has_output_.reset();
      co_await has_output_.wait(as_tuple_deferred);
      continue;
    }
    if (!writing_) {
      session_.journal().counters.bytes_out += out.waiting_bytes();
      leave_to_writer(out.take(), 0);
    }
    error_code failed;
    try {
      failed = co_await stream->write(unwritten_);
    } catch (const boost::system::system_error& thrown) {
      failed = thrown.code();
    }
    out.written();
    link.answer_pings();
    if (failed && !closed) {
      // The server may have sent the reason before it closed: the reader gets time to read it.
      unwritable_ = failed.message();
      co_return session_.set_deadline(*this, session_.now() + last_words);
    }
    writing_ = false;
    if (session_.is_current(*self)) session_.send_waiting();
  }
}

}  // namespace kvco::net
