// The run of an app: it starts, until it is stopped; then hooks and handlers end in order, by a deadline.
#include <kvco/app/app_state.hpp>

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <kvco/app/failure_text.hpp>
#include <utility>

namespace kvco::handling {

namespace asio = boost::asio;

constexpr std::chrono::seconds time_to_unwind(1);  // after a cancellation
constexpr std::chrono::seconds time_of_late_hook(5);

asio::awaitable<void> app_state::call_hook(hook one) {
  asio::awaitable<void> pending = one();
  co_await std::move(pending);
}

app_state::app_state(client nats)
    : core(std::make_shared<app_core>(std::move(nats))),
      signals_(core->nats.get_executor()),
      timer_(core->nats.get_executor()) {}

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
  lifecycle& life = self->core->life;
  if (!life.begin()) refuse(app_error::already_running, "a second run()");
  co_await asio::this_coro::throw_if_cancelled(false);
  const background starting(self->core, start(self, options.signals));
  const std::function<bool()> stopped = [&life] { return life.is_stopped(); };
  co_await self->wait_until(stopped);
  co_await self->shut_down(starting, options.drain_timeout);
  if (life.failure()) std::rethrow_exception(life.failure());
}

// --- the end ----------------------------------------------------------------------------------------------

asio::awaitable<void> app_state::shut_down(background starting, duration drain_timeout) {
  const auto now = clock::now();
  if (drain_timeout < clock::time_point::max() - now) deadline_ = std::min(deadline_, now + drain_timeout);
  core->life.drain();
  co_await end_start(starting);
  core->write(log_level::info, "the handlers are drained", {});
  co_await call_in_shutdown(&app_state::on_shutdown, "on_shutdown");
  co_await drain();
  co_await call_in_shutdown(&app_state::after_shutdown, "after_shutdown");
  error_code ignored;
  signals_.cancel(ignored);
  signals_.clear(ignored);
  core->life.end();
  // Hooks that were not called, and handlers, may hold the app.
  on_startup.clear();
  after_startup.clear();
  for (const auto& each : loops) each->end();
  core->changed.notify();
}

asio::awaitable<void> app_state::end_start(background starting) {
  starting.cancel();
  const std::function<bool()> done = [starting] { return starting.is_done(); };
  co_await wait_until(done, clock::now() + time_to_unwind);
  if (!starting.is_done()) note_late("the start has not ended");
}

// Each in a coroutine of its own, which has the function while it runs. One that is called after the deadline, because
// something before it took longer, has some time.
asio::awaitable<void> app_state::call_in_shutdown(std::vector<hook> app_state::*which, std::string when) {
  std::vector<hook> hooks = std::exchange(this->*which, {});
  for (hook& each : hooks) {
    const auto begin = clock::now();
    const background running(core, call_hook(std::move(each)));
    const std::function<bool()> done = [running] { return running.is_done(); };
    co_await wait_until(done, begin < deadline_ ? begin : begin + time_of_late_hook);
    if (!running.is_done()) {
      note_late("a hook of " + when + " was cancelled");
      running.cancel();
      co_await wait_until(done, clock::now() + time_to_unwind);
    }
    if (!running.failure()) continue;
    core->write(log_level::error, "a hook has failed",
                {{"hook", when}, {"reason", text_of_failure(running.failure())}});
    core->life.stop(running.failure());
  }
}

asio::awaitable<void> app_state::drain() {
  for (const auto& each : loops) each->drain();
  const std::function<bool()> idle = [this] { return is_idle(); };
  co_await wait_until(idle);
  if (is_idle()) co_return;
  for (const auto& each : loops) each->cancel();
  co_await wait_until(idle, clock::now() + time_to_unwind);
  std::size_t left = 0;
  for (const auto& each : loops) left += each->unhandled();
  note_late(left != 0 ? std::to_string(left) + " entries and messages were not handled"
                      : "a position was not stored");
}

void app_state::note_late(const std::string& what) {
  core->life.stop(std::make_exception_ptr(boost::system::system_error(app_error::drain_timeout, what)));
}

bool app_state::is_idle() const {
  return std::all_of(loops.begin(), loops.end(), [](const auto& each) { return each->is_idle(); });
}

// --- waiting ----------------------------------------------------------------------------------------------

/// Until it holds, or the deadline has passed, and this time as well. A second signal moves the deadline.
asio::awaitable<void> app_state::wait_until(std::function<bool()> holds, clock::time_point at_least) {
  for (;;) {
    co_await note_cancellation();
    if (core->life.is_hurried()) deadline_ = std::min(deadline_, clock::now());
    const auto limit = std::max(deadline_, at_least);
    if (holds() || clock::now() >= limit) break;
    timer_.expires_at(limit);
    timer_.async_wait([shared = core](const error_code& cancelled) {
      if (!cancelled) shared->changed.notify();
    });
    co_await core->changed.wait();
  }
  timer_.cancel();
}

/// A run that is cancelled ends as one that is stopped, and waits for no handler.
asio::awaitable<void> app_state::note_cancellation() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() == asio::cancellation_type::none || std::exchange(is_cancelled_, true)) co_return;
  core->life.stop(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)));
  core->life.hurry();
}

}  // namespace kvco::handling
