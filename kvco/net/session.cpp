// The life of a client, and the operations of its members on the connection.
#include <kvco/net/session.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <kvco/detail/concat.hpp>
#include <kvco/net/memory.hpp>
#include <kvco/net/reactor_service.hpp>
#include <kvco/wire/info.hpp>
#include <utility>

namespace kvco::net {
namespace {

config within_the_clock(config settings) {
  const auto limited = [](duration time) { return std::min(time, core::max_time); };
  settings.timeout(limited(settings.timeout()))
      .connect_timeout(limited(settings.connect_timeout()))
      .ping_interval(limited(settings.ping_interval()));
  auto& again = settings.reconnect();
  again.initial_delay(limited(again.initial_delay()))
      .max_delay(limited(again.max_delay()))
      .retry_refused_credentials(limited(again.retry_refused_credentials()));
  return settings;
}

core::request_queue_settings queue_settings(const config& settings, environment& world) {
  return {.inbox_prefix = detail::concat(settings.inbox_prefix(), ".", unique_names::for_inbox(world), "."),
          .first_name = static_cast<std::uint32_t>(world.random() % (core::inbox::names_per_slot / 2)),
          .write_buffer = settings.write_buffer(),
          .wait_for_connection = settings.wait_for_connection()};
}

jetstream::api_subjects api_of(const config& settings) {
  return settings.api_prefix().empty() ? jetstream::api_subjects(settings.domain())
                                       : jetstream::api_subjects::with_prefix(settings.api_prefix());
}

}  // namespace

std::shared_ptr<session> session::create(const asio::any_io_executor& executor, config settings,
                                         std::unique_ptr<environment> world) {
  std::shared_ptr<session> made(new session(executor, std::move(settings), std::move(world)));
  reactor_service::of(executor).add(*made);
  return made;
}

session::session(const asio::any_io_executor& executor, config settings, std::unique_ptr<environment> world)
    : executor_(executor),
      settings_(within_the_clock(std::move(settings))),
      world_(std::move(world)),
      api_(api_of(settings_)),
      names_(*world_),
      requests_(*this, entrance_, subscriptions_, queue_settings(settings_, *world_)),
      connector_(*this, settings_, world_->random()),
      journal_(telemetry::of(executor, settings_)),
      life_(executor) {
  requests_.set_max_payload(info().max_payload);
}

session::~session() {
  abandon();
  if (world_) reactor_service::of(executor_).remove(*this);
}

void session::detach() noexcept {
  journal_.mute();
  abandon();
  conn_.reset();
  world_.reset();
  executor_ = {};  // a strand must not outlive its context
}

void session::enter(phase next) noexcept { life_.phase = std::max(life_.phase, next); }

void session::open(std::vector<core::server_url> servers) {
  connector_.set_servers(std::move(servers));
  asio::co_spawn(executor_, connector_.run(shared_from_this()), terminate_on_exception());
  asio::co_spawn(executor_, keep_time(shared_from_this()), terminate_on_exception());
}

void session::refuse(const error_code& code, std::string words) {
  journal_.set_reason(code, std::move(words));
  connector_.give_up();
  requests_.close();
  enter(phase::done);
  life_.opened.set();
  life_.finished.set();
}

asio::awaitable<void> session::keep_time(std::shared_ptr<session>) {
  while (life_.phase < phase::done) {
    const core::time_point next = timer_.arm();
    if (next > now()) co_await world_->sleep(next);
    const core::entrance::visit inside(entrance_);
    timer_.run_due(now());
  }
}

void session::begin_close() {
  enter(phase::closing);
  requests_.close();
  leave_if_idle();
}

void session::terminate() {
  if (terminated()) return;
  enter(phase::terminated);
  const error_code why = asio::error::operation_aborted;
  requests_.end(why);
  members_.each([&](session_member& who) { who.end(why, {}); });
  connector_.stop();
  if (conn_) conn_->finish();
}

void session::reconnect() {
  connector_.hurry();
  if (ready()) conn_->leave("a reconnect was requested");
}

// The connector has ended: by itself, or because the client was closed.
void session::on_end() {
  const bool by_itself = !terminated();
  enter(phase::terminated);
  journal_.on_closed(by_itself);
  error_code why = asio::error::operation_aborted;
  if (code() && (was_connected() || connector_.gave_up())) {
    why = connector_.gave_up() ? code() : error_code(client_error::connection_lost);
  }
  requests_.end(why);
  members_.each([&](session_member& who) { who.end(why, detail()); });
  enter(phase::done);
  life_.opened.set();
  life_.finished.set();
  world_->wake();
}

void session::abandon() noexcept {
  entrance_.check();
  if (abandoned()) return;
  enter(phase::abandoned);
  timer_.clear();  // objects that wait for a deadline are destroyed in any order from now on
  // The operations freed here may own the session; the caller keeps it alive until the end.
  life_.opened.abandon();
  life_.finished.abandon();
  life_.idle.abandon();
  connector_.abandon();
  if (conn_) conn_->abandon();
  requests_.abandon();
  members_.take_each([](session_member& who) { who.abandon(); });
  turns_.abandon();
}

void session::add(session_member& who) noexcept {
  entrance_.check();
  members_.add(who);
}

void session::remove(session_member& who) noexcept {
  entrance_.check();
  who.leave();
}

std::uint64_t session::subscribe(core::subscriber& target, std::string_view subject,
                                 std::string_view queue) noexcept {
  const std::uint64_t sid = subscriptions_.add(target, subject);
  conn_->subscribe(subject, queue, sid, now());
  has_output();
  return sid;
}

void session::unsubscribe(std::uint64_t sid) noexcept {
  subscriptions_.remove(sid);
  if (!ready()) return;
  conn_->unsubscribe(sid);
  has_output();
}

void session::limit(std::uint64_t sid, std::uint64_t messages) noexcept {
  if (!ready()) return;
  conn_->unsubscribe(sid, messages);
  has_output();
}

// If a turn publishes many messages, parts are sent early: they are still in the processor's cache then.
bool session::publish(const core::frame& message) noexcept {
  if (!requests_.publish(message)) return false;
  if (conn_->out.waiting_bytes() >= enough_to_write) conn_->flush();
  return true;
}

void session::publish(std::string_view subject, std::uint64_t of) noexcept {
  if (!ready()) return;
  conn_->publish(subject, of, now());
  has_output();
}

void session::send_ping(core::ping_waiter& who) noexcept {
  conn_->link.ping(who, now());
  has_output();
}

void session::cancel_ping(core::ping_waiter& who) noexcept {
  if (conn_) conn_->link.forget(who);
}

void session::ready(core::ready_task& done) noexcept {
  entrance_.check();
  turns_.add(done);
}

void session::set_deadline(core::timed& item, core::time_point at) noexcept {
  if (timer_.set(item, at)) world_->wake();
}

}  // namespace kvco::net
