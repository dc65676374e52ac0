// An app behind its handle: its registrations, and its run.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
#include <kvco/app/app.hpp>
#include <kvco/app/app_core.hpp>
#include <kvco/app/handler_loop.hpp>
#include <memory>
#include <vector>

namespace kvco::handling {

struct app_state : std::enable_shared_from_this<app_state> {
  explicit app_state(client nats);

  /// Throws app_error::already_running.
  void check_registering() const;
  std::shared_ptr<handler_loop> add(handler_plan plan);

  static boost::asio::awaitable<void> run(std::shared_ptr<app_state> self, run_options options);

  std::shared_ptr<app_core> core;
  std::vector<std::shared_ptr<handler_loop>> loops;
  std::vector<hook> on_startup, after_startup, on_shutdown, after_shutdown;

 private:
  void catch_signals();
  void wait_for_signal();
  boost::asio::awaitable<void> start();
  boost::asio::awaitable<void> shut_down(duration drain_timeout);
  boost::asio::awaitable<void> drain(duration timeout);
  boost::asio::awaitable<void> wait_until_idle(duration timeout, bool may_hurry);
  enum class on_throw { end, go_on };
  boost::asio::awaitable<void> call_all(std::vector<hook> hooks, on_throw then);
  bool is_idle() const;

  boost::asio::signal_set signals_;
  boost::asio::steady_timer deadline_;
};

}  // namespace kvco::handling
