// Requests on their way: waiting, in flight, done - and the turn in which the user hears of it.
#include <kvco/net/session.hpp>

#include <boost/asio/post.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/connection_clock.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/reactor_service.hpp>
#include <kvco/wire/info.hpp>
#include <kvco/wire/writer.hpp>

namespace kvco::net {
namespace {

constexpr std::string_view letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t unique_name_size = 14;  // 83 bits
// Part of every reply subject: 40 bytes of it instead of 26 cost 4 % of the requests per second with 64 in flight, for over 32 the
// server has to allocate. 59 bits; and where two clients have the same name, each finds nobody for what it gets of the other's
// replies, as long as their tokens differ, too: the first ones are by chance (23 bits).
constexpr std::size_t inbox_name_size = 10;
static_assert(std::string_view("_INBOX..").size() + inbox_name_size + core::inbox::token_size <= 32);
// How long the answer to a read is waited for before it is sent once more.
constexpr auto next_patience = std::chrono::seconds(2);

// What is written because the server has sent something, and is no request: so much may wait for the socket. Of the watches each
// subscribes anew after one PONG.
constexpr std::size_t most_answer_bytes = 1u << 20, most_answer_bytes_of_watch = 1024;

std::string random_name(environment& world, std::size_t size) {
  std::string name;
  for (std::size_t i = 0; i < size; ++i) name += letters[world.random() % letters.size()];
  return name;
}

config within_the_clock(config settings) {
  const auto limited = [](duration time) { return std::min(time, core::longest_time); };
  settings.timeout(limited(settings.timeout()))
      .connect_timeout(limited(settings.connect_timeout()))
      .ping_interval(limited(settings.ping_interval()));
  auto& again = settings.reconnect();
  again.initial_delay(limited(again.initial_delay()))
      .max_delay(limited(again.max_delay()))
      .retry_refused_credentials(limited(again.retry_refused_credentials()));
  return settings;
}

}  // namespace

std::shared_ptr<session> session::create(const asio::any_io_executor& executor, config settings,
                                         std::unique_ptr<environment> world) {
  std::shared_ptr<session> made(new session(executor, std::move(settings), std::move(world)));
  made->service_ = &reactor_service::of(executor);
  made->service_->add(*made);
  return made;
}

session::session(const asio::any_io_executor& executor, config settings, std::unique_ptr<environment> world)
    : executor_(executor),
      settings_(within_the_clock(std::move(settings))),
      world_(std::move(world)),
      api_(settings_.domain()),
      inbox_(detail::concat(settings_.inbox_prefix(), ".", random_name(*world_, inbox_name_size), "."),
             static_cast<std::uint32_t>(world_->random() % (core::inbox::names_per_slot / 2))),
      backoff_(settings_.reconnect().initial_delay(), settings_.reconnect().max_delay(), world_->random(),
               core::jitter::full),
      logins_(settings_.reconnect().retry_refused_credentials()),
      clock_(std::make_unique<connection_clock>([this](core::time_point now) { on_clock(now); })),
      opened_(executor),
      finished_(executor),
      idle_(executor),
      paused_(executor),
      observer_(settings_.observe().operations().get()),
      telemetry_(telemetry::of(executor, settings_)),
      message_id_start_(random_name(*world_, unique_name_size) + '.') {}

session::~session() {
  abandon();
  if (service_ != nullptr) service_->remove(*this);
}

void session::detach() noexcept {
  service_ = nullptr;
  mute();
  abandon();
  conn_.reset();
  world_.reset();
}

std::string session::unique_name() { return random_name(*world_, unique_name_size); }

// Also asked for when the reactor is gone, of which nothing is sent any more.
std::string session::message_id() {
  return detail::concat(message_id_start_, std::to_string(++message_ids_));
}

bool session::at_least(int major, int minor) const noexcept { return version_ >= std::pair(major, minor); }

void session::note_version() { version_ = wire::read_version(info().version); }

void session::submit(request& what, core::time_point deadline) noexcept {
  const entrance::visit inside(entrance_);
  if (closing_) return finish(what, client_error::closed, "the client was closed");
  if (what.frame_.message_size() > info().max_payload) {
    return finish(
        what, client_error::value_over_max_payload,
        detail::concat(std::to_string(what.frame_.message_size()), " bytes with headers, the server takes ",
                       std::to_string(info().max_payload)));
  }
  if (inbox_refused_) {
    ask_for_inbox();
    return finish(what, inbox_refused_,
                  detail::concat("no subscription to ", inbox_.subject(), ": ", inbox_words_));
  }
  set_deadline(what, deadline);
  if (waiting_.empty() && may_send()) return send(what);
  if (!ready() && !may_wait(what)) {
    return finish(what, client_error::connection_lost,
                  "there is no connection to the server, and none is waited for");
  }
  what.stage_ = request::stage::waiting;
  waiting_.push_back(what);
  if (ready() && !conn_->leaving) note_slow();
}

bool session::may_wait(const request& what) const noexcept {
  return settings_.wait_for_connection() && what.effect_ != effect::step;
}

bool session::may_send() const noexcept {
  return ready() && !conn_->leaving && conn_->out.pending_bytes() < settings_.write_buffer();
}

void session::send(request& what) {
  what.frame_.set_token(inbox_.add(what));
  what.stage_ = request::stage::in_flight;
  append(what);
}

void session::append(request& what) {
  core::outbox& out = conn_->out;
  conn_->log.add(what, out.end());
  what.overdue_ = false;
  ++what.attempts_;
  const std::string_view bytes = what.frame_.view();
  const bool small = bytes.size() < core::outbox::large;
  small ? out.append(bytes) : out.append(what.frame_.bytes());
  // Of large ones it shall be clear at once which is too large.
  if (!small || fences_ > 0) [[unlikely]] {
    fences_ -= fences_ > 0;
    fence();
  }
  has_output();
}

void session::send_waiting() {
  while (!waiting_.empty() && may_send()) {
    request& next = waiting_.front();
    if (next.frame_.message_size() > info().max_payload) {
      finish(next, client_error::value_over_max_payload, "the server that is connected now takes less");
    } else {
      waiting_.pop_front();
      send(next);
    }
  }
  if (waiting_.empty()) slow_told_ = false;
}

void session::withdraw(request& what) noexcept {
  entrance_.check();
  deadlines_.remove(what);
  inbox_.remove(what);
  if (what.stage_ == request::stage::waiting) {
    waiting_.erase(waiting_.iterator_to(what));
  } else if (reading_reply_ || !ready() || terminated_) {
    core::written_log::remove(what);
  } else if (conn_->log.leave(what)) {
    fence();
  }
  what.stage_ = request::stage::done;
}

void session::finish(request& what) noexcept {
  withdraw(what);
  ready(what);
}

void session::finish(request& what, error_code code, std::string detail) noexcept {
  what.code_ = code;
  if (code) what.detail_ = std::move(detail);
  finish(what);
}

void session::expire(request& what) noexcept {
  const bool sent = what.stage_ == request::stage::in_flight;
  if (what.effect_ != effect::read && sent) {
    return finish(what, client_error::outcome_unknown, "sent, and not answered until the deadline");
  }
  if (sent)
    return finish(what, client_error::timeout, detail::concat("no answer from ", what.frame_.subject()));
  std::string words = "not sent: there was no connection to the server";
  if (!ready() && !detail_.empty()) words = detail::concat(words, ": ", detail_);
  finish(what, client_error::timeout, std::move(words));
}

void session::on_silence(request& what, core::time_point now) noexcept {
  const core::time_point flows_until = what.last_reply() + first_patience;
  set_deadline(what, std::min(what.give_up_at_, flows_until > now ? flows_until : now + next_patience));
  if (what.stage_ != request::stage::in_flight || flows_until > now) return;
  what.overdue_ = true;
  if (!ready() || std::exchange(probe_.sent, true)) return;
  probe_begin_ = conn_->out.end();
  ask(probe_);
}

void session::on_probe_answered() {
  if (!may_send()) return;
  inbox_.for_each([&](core::waiter& open) {
    auto& pending = static_cast<request&>(open);
    if (!pending.overdue_ || pending.position() > probe_begin_) return;
    ++counters_.repeated_reads;
    if (pending.on_lost()) append(pending);
  });
}

// Permissions may have been given back meanwhile, and nobody tells: subscribes anew. A refusal comes before the PONG, and takes
// the question back.
void session::ask_for_inbox() {
  if (!ready() || std::exchange(inbox_question_.sent, true)) return;
  unsubscribe(inbox_sid_);
  inbox_sid_ = subscribe(*this, inbox_.subject());
  ask(inbox_question_);
}

void session::on_inbox_answered() { inbox_refused_ = {}; }

void session::on_message(const wire::event& message) {
  reading_reply_ = true;
  inbox_.deliver(message);
  reading_reply_ = false;
}

void session::ready(ready_task& done) noexcept {
  entrance_.check();
  ready_.push_back(done);
  ++became_ready_;
  schedule_turn();
}

// At the end of what was read its turn follows by itself.
void session::schedule_turn() noexcept {
  if (in_turn_ || std::exchange(turn_posted_, true)) return;
  asio::post(executor_, [self = shared_from_this()] {
    self->turn_posted_ = false;
    self->take_turn();
  });
}

// What became ready is told of; what is asked for meanwhile leaves in one system call behind it.
void session::take_turn() {
  struct end_of_turn {  // also when a handler throws
    session& self;
    bool whole = false;
    ~end_of_turn() {
      self.in_turn_ = false;
      if (!whole || !self.ready_.empty()) self.schedule_turn();
    }
  } end{*this};
  in_turn_ = true;
  run_ready();
  leave_if_idle();
  flush_output();
  end.whole = true;
}

// User code runs here, and only here: what became ready before it. What becomes ready meanwhile waits for the next turn, so that
// I/O has its share.
void session::run_ready() {
  const entrance::visit inside(entrance_);
  became_ready_ = 0;
  ready_list turn;
  turn.swap(ready_);
  struct rest {
    session& self;
    ready_list& turn;
    ~rest() {  // a handler threw: the others still get theirs
      if (turn.empty()) return;
      self.ready_.splice(self.ready_.begin(), turn);
    }
  } guard{*this, turn};
  while (!turn.empty()) {
    ready_task& next = turn.front();
    turn.pop_front();
    if (!turn.empty()) turn.front().prefetch();
    next.run();
  }
}

// As much as the socket takes at once; the rest, if any, is the writer's.
void session::flush_output() noexcept {
  const auto conn = conn_;
  const auto has_some = [&] { return !conn->out.empty() || conn->stream->owes(); };
  while (conn && !conn->closed && !conn->writing && !conn->finishing && has_some()) {
    counters_.bytes_out += conn->out.waiting_bytes();
    const auto& pieces = conn->out.take();
    const write_result written = conn->stream->try_write(pieces);
    if (!written.whole) return conn->leave_to_writer(pieces, written.taken);
    conn->out.written();
    conn->link.answer_pings();
    send_waiting();
  }
}

void session::leave_if_idle() {
  if (closing_ && pending() == 0) idle_.set();
  if (conn_ && conn_->leaving && inbox_.size() == 0) conn_->leave();
}

void session::begin_close() {
  closing_ = true;
  leave_if_idle();
}

void session::has_output() {
  if (conn_ && !conn_->writing) schedule_turn();
}

void session::set_deadline(core::timed& item, core::time_point at) noexcept {
  deadlines_.set(item, at);
  if (at >= armed_) return;
  armed_ = at;
  world_->wake();
}

void session::add(session_member& who) noexcept {
  entrance_.check();
  members_.add(who);
}
void session::remove(session_member& who) noexcept {
  entrance_.check();
  who.leave();
}

// What is no request: nothing holds it back until there is room for it.
template <class Write>
void session::append_other(Write write) {
  std::string& to = conn_->out.tail();
  const std::size_t before = to.size();
  write(to);
  if (answering_) conn_->out.note_answer(to.size() - before);
  has_output();
}

void session::fence() {
  append_other([this](std::string&) { conn_->link.fence(now()); });
}

// The server's words make the client write (PONG, the answers to flow control, subscriptions anew), and it need not read them.
void session::limit_answers(connection& conn) {
  const std::uint64_t owed = conn.link.pongs_owed() * std::string_view("PONG\r\n").size();
  const std::uint64_t open = conn.out.answer_bytes() + owed;
  if (open <= most_answer_bytes || conn.closed) return;
  if (open <= most_answer_bytes + most_answer_bytes_of_watch * dispatcher_.size()) return;
  conn.fail(client_error::connection_lost,
            "the server does not read the answers to what it sends (PONG, flow control)");
}

std::uint64_t session::subscribe(core::subscriber& target, std::string_view subject) noexcept {
  const std::uint64_t sid = dispatcher_.add(target, subject);
  conn_->log.add_note({}, sid, conn_->out.end());
  append_other([&](std::string& to) { wire::append_sub(to, subject, sid); });
  fence();
  return sid;
}

void session::unsubscribe(std::uint64_t sid) noexcept {
  dispatcher_.remove(sid);
  if (!ready()) return;
  append_other([&](std::string& to) { wire::append_unsub(to, sid); });
}

void session::publish(std::string_view subject, std::uint64_t of) noexcept {
  if (!ready()) return;
  conn_->log.add_note(subject, of, conn_->out.end());
  append_other([&](std::string& to) { wire::append_pub(to, subject, {}, {}); });
  fence();
}

void session::ask(core::ping_waiter& who) noexcept {
  conn_->link.ping(who, now());
  has_output();
}

void session::take_back(core::ping_waiter& who) noexcept {
  if (conn_) conn_->link.forget(who);
}

void session::fail_everything(error_code code) noexcept {
  inbox_.for_each([&](core::waiter& open) { finish(static_cast<request&>(open), code, {}); });
  while (!waiting_.empty()) finish(waiting_.front(), code, {});
}

void session::abandon() noexcept {
  entrance_.check();
  if (std::exchange(abandoned_, true)) return;
  closing_ = terminated_ = true;
  // The last owner may be among what is freed here; the caller keeps this session alive.
  opened_.abandon();
  finished_.abandon();
  idle_.abandon();
  paused_.abandon();
  if (conn_) {
    conn_->has_output.abandon();
    conn_->interrupted.abandon();
  }
  const auto drop = [&](request& open) {
    withdraw(open);
    open.abandon();
  };
  inbox_.for_each([&](core::waiter& open) { drop(static_cast<request&>(open)); });
  while (!waiting_.empty()) drop(waiting_.front());
  members_.take_each([](session_member& who) { who.abandon(); });
  while (!ready_.empty()) {
    ready_task& next = ready_.front();
    ready_.pop_front();
    next.abandon();
  }
}

// How a request talks to its session.

void request::submit(core::time_point deadline) {
  give_up_at_ = deadline;
  session_->submit(*this, deadline);
}
void request::submit_until_answered(core::time_point deadline, core::time_point now, duration patience) {
  give_up_at_ = deadline;
  if (effect_ == effect::read) deadline = std::min(deadline, now + patience);
  session_->submit(*this, deadline);
}
void request::withdraw() noexcept { session_->withdraw(*this); }
void request::finish() { session_->finish(*this); }
void request::finish(error_code code, std::string detail) {
  session_->finish(*this, code, std::move(detail));
}
void request::finish_without_memory() noexcept {
  const bool may_be_stored = effect_ != effect::read;
  finish(may_be_stored ? error_code(client_error::outcome_unknown) : no_memory, "no memory for the reply");
}
void request::on_deadline(core::time_point now) {
  if (now < give_up_at_) return session_->on_silence(*this, now);
  if (on_expiry()) return;
  session_->expire(*this);
}

}  // namespace kvco::net
