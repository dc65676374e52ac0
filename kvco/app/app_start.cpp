// The start of an app: its hooks, and its handlers one after the other. A stop cancels the operation that is awaited.
#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <csignal>
#include <kvco/app/app_state.hpp>
#include <kvco/app/failure_text.hpp>
#include <utility>

namespace kvco::handling {

namespace asio = boost::asio;

asio::awaitable<void> app_state::start(std::shared_ptr<app_state> self, bool catches_signals) {
  lifecycle& life = self->core->life;
  std::exception_ptr failure;
  try {
    if (catches_signals) self->catch_signals();
    co_await self->establish();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure && !life.is_stopped()) life.started();
  if (failure && !(life.is_stopped() && is_cancellation(failure))) self->core->stop(failure);
}

asio::awaitable<void> app_state::establish() {
  co_await call_in_start(&app_state::on_startup);
  for (const auto& each : loops) {
    if (co_await goes_on()) co_await each->open();
  }
  for (const auto& each : loops) {
    if (co_await goes_on()) co_await each->ready();
  }
  if (!co_await goes_on()) co_return;
  is_established_ = true;
  core->changed.notify();
  core->write(log_level::info, "the handlers are established", {});
  co_await call_in_start(&app_state::after_startup);
}

asio::awaitable<void> app_state::call_in_start(std::vector<hook> app_state::*which) {
  std::vector<hook> hooks = std::exchange(this->*which, {});
  for (hook& each : hooks) {
    if (!co_await goes_on()) co_return;
    co_await call_hook(std::move(each));
  }
}

/// False: it was stopped. Its functions of the user share a coroutine.
asio::awaitable<bool> app_state::goes_on() {
  co_await restore_cancellation();
  co_return !core->life.is_stopped();
}

bool app_state::is_ready() const {
  return is_established_ && !core->life.is_stopped() &&
         std::all_of(loops.begin(), loops.end(), [](const auto& each) { return each->is_ready(); });
}

asio::awaitable<void> app_state::wait_until_ready(std::shared_ptr<app_state> self) {
  const lifecycle& life = self->core->life;
  while (!self->is_ready()) {
    if (life.failure()) std::rethrow_exception(life.failure());
    if (life.is_stopped())
      throw boost::system::system_error(asio::error::operation_aborted, "the app was stopped");
    co_await self->core->changed.wait();
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

}  // namespace kvco::handling
