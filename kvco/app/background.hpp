// A coroutine beside the run of an app, which can cancel it, and need not wait for its end.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <kvco/app/app_core.hpp>
#include <memory>
#include <utility>

namespace kvco::handling {

/// A cheap handle. Without one the coroutine goes on. Its end notifies app_core::changed.
class background {
 public:
  background(const std::shared_ptr<app_core>& core, boost::asio::awaitable<void> work)
      : state_(std::make_shared<state>()) {
    boost::asio::co_spawn(core->nats.get_executor(), std::move(work),
                          boost::asio::bind_cancellation_slot(
                              state_->cancel.slot(), [kept = state_, core](std::exception_ptr failure) {
                                kept->is_done = true;
                                kept->failure = std::move(failure);
                                core->changed.notify();
                              }));
  }
  bool is_done() const noexcept { return state_->is_done; }
  /// With which it has ended.
  const std::exception_ptr& failure() const noexcept { return state_->failure; }
  void cancel() const { state_->cancel.emit(boost::asio::cancellation_type::terminal); }

 private:
  struct state {
    boost::asio::cancellation_signal cancel;
    bool is_done = false;
    std::exception_ptr failure;
  };
  std::shared_ptr<state> state_;
};

/// A function of a user may have changed how its coroutine is cancelled: the next one begins as if it were the first. A
/// cancellation before this call is forgotten; its reason has to be looked at afterwards.
inline boost::asio::awaitable<void> restore_cancellation() {
  co_await boost::asio::this_coro::throw_if_cancelled(true);
  co_await boost::asio::this_coro::reset_cancellation_state();
}

}  // namespace kvco::handling
