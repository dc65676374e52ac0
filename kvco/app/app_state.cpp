// The run of an app: hooks and handlers in order, until it is stopped; then all of it back.
#include <kvco/app/app_state.hpp>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <csignal>
#include <utility>

namespace kvco::handling {

namespace asio = boost::asio;

app_state::app_state(client nats)
    : core(std::make_shared<app_core>(std::move(nats))),
      signals_(core->nats.get_executor()),
      deadline_(core->nats.get_executor()) {}

void app_state::check_registering() const {
  if (core->life.phase() != app_phase::registering)
    refuse(app_error::already_running, "registration after run()");
}

std::shared_ptr<handler_loop> app_state::add(handler_plan plan) {
  if (plan.on_error.then == after_failure::dead_letter_key)
    core->buckets.add(plan.on_error.dead_letter, true);
  if (!plan.position_bucket.empty()) core->buckets.add(plan.position_bucket, true);
  const auto has_name = [&](const auto& each) { return each->plan().name == plan.name; };
  if (std::any_of(loops.begin(), loops.end(), has_name)) plan.name += " #" + std::to_string(loops.size() + 1);
  const auto shared = std::make_shared<handler_plan>(std::move(plan));
  auto source = shared->is_watch ? make_watch_source(core, shared) : make_message_source(core, shared);
  loops.push_back(std::make_shared<handler_loop>(core, shared, std::move(source)));
  return loops.back();
}

asio::awaitable<void> app_state::run(std::shared_ptr<app_state> self, run_options options) {
  if (!self->core->life.begin()) refuse(app_error::already_running, "a second run()");
  lifecycle& life = self->core->life;
  co_await asio::this_coro::throw_if_cancelled(false);
  if (options.signals) self->catch_signals();
  std::exception_ptr failure;
  try {
    co_await self->start();
    life.started();
    const auto state = co_await asio::this_coro::cancellation_state;
    while (!life.is_stopped() && state.cancelled() == asio::cancellation_type::none) {
      co_await self->core->changed.wait();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) {
    failure = std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
    life.hurry();
  }
  life.stop(failure);
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await self->shut_down(options.drain_timeout);
  if (life.failure()) std::rethrow_exception(life.failure());
}

// --- the beginning ----------------------------------------------------------------------------------------

asio::awaitable<void> app_state::start() {
  co_await call_all(on_startup, on_throw::end);
  for (const auto& each : loops) {
    if (!core->life.is_stopped()) co_await each->open();
  }
  for (const auto& each : loops) {
    if (!core->life.is_stopped()) co_await each->ready();
  }
  core->write(log_level::info, "the handlers are established", {});
  if (!core->life.is_stopped()) co_await call_all(after_startup, on_throw::end);
}

asio::awaitable<void> app_state::call_all(std::vector<hook> hooks, on_throw then) {
  for (const hook& each : hooks) {
    try {
      asio::awaitable<void> pending = each();
      co_await std::move(pending);
    } catch (...) {
      if (then == on_throw::end) throw;
      core->life.stop(std::current_exception());
    }
  }
}

void app_state::catch_signals() {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  wait_for_signal();
}

void app_state::wait_for_signal() {
  signals_.async_wait([weak = weak_from_this()](const error_code& failed, int) {
    const auto self = weak.lock();
    if (failed || !self) return;
    self->core->life.interrupt();
    self->core->changed.notify();
    self->wait_for_signal();
  });
}

// --- the end ----------------------------------------------------------------------------------------------

asio::awaitable<void> app_state::shut_down(duration drain_timeout) {
  core->life.drain();
  core->write(log_level::info, "the handlers are drained", {});
  co_await call_all(on_shutdown, on_throw::go_on);
  co_await drain(drain_timeout);
  co_await call_all(after_shutdown, on_throw::go_on);
  error_code ignored;
  signals_.cancel(ignored);
  signals_.clear(ignored);
  core->life.end();
  // They may hold the app.
  for (auto* hooks : {&on_startup, &after_startup, &on_shutdown, &after_shutdown}) hooks->clear();
  for (const auto& each : loops) each->end();
}

asio::awaitable<void> app_state::drain(duration timeout) {
  for (const auto& each : loops) each->drain();
  co_await wait_until_idle(timeout, true);
  if (is_idle()) co_return;
  for (const auto& each : loops) each->cancel();
  co_await wait_until_idle(std::chrono::seconds(1), false);  // for handlers to unwind
  std::size_t left = 0;
  for (const auto& each : loops) left += each->unhandled();
  core->life.stop(std::make_exception_ptr(boost::system::system_error(
      app_error::drain_timeout, left != 0 ? std::to_string(left) + " entries and messages were not handled"
                                          : "a position was not stored")));
}

asio::awaitable<void> app_state::wait_until_idle(duration timeout, bool may_hurry) {
  const auto is_late = std::make_shared<bool>(false);
  deadline_.expires_after(timeout);
  deadline_.async_wait([is_late, shared = core](const error_code& cancelled) {
    if (cancelled) return;
    *is_late = true;
    shared->changed.notify();
  });
  while (!is_idle() && !*is_late && !(may_hurry && core->life.is_hurried())) co_await core->changed.wait();
  deadline_.cancel();
}

bool app_state::is_idle() const {
  return std::all_of(loops.begin(), loops.end(), [](const auto& each) { return each->is_idle(); });
}

}  // namespace kvco::handling
