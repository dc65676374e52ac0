// An app behind its handle: its registrations, and its run.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <kvco/app/app.hpp>
#include <kvco/app/app_core.hpp>
#include <kvco/app/background.hpp>
#include <kvco/app/handler_loop.hpp>
#include <memory>
#include <string>
#include <vector>

namespace kvco::handling {

struct app_state : std::enable_shared_from_this<app_state> {
  explicit app_state(client nats);

  /// Throws app_error::already_running.
  void check_registering() const;
  std::shared_ptr<handler_loop> add(handler_plan plan);

  static boost::asio::awaitable<void> run(std::shared_ptr<app_state> self, run_options options);
  static boost::asio::awaitable<void> wait_until_ready(std::shared_ptr<app_state> self);
  bool is_ready() const;

  std::shared_ptr<app_core> core;
  std::vector<std::shared_ptr<handler_loop>> loops;
  std::vector<hook> on_startup, after_startup, on_shutdown, after_shutdown;

 private:
  using clock = std::chrono::steady_clock;

  // app_start.cpp
  static boost::asio::awaitable<void> start(std::shared_ptr<app_state> self, bool catches_signals);
  boost::asio::awaitable<void> establish();
  boost::asio::awaitable<void> call_in_start(std::vector<hook> app_state::*which);
  boost::asio::awaitable<bool> goes_on();
  void catch_signals();
  void wait_for_signal();

  // app_state.cpp
  static boost::asio::awaitable<void> call_hook(hook one);
  boost::asio::awaitable<void> shut_down(background starting, duration drain_timeout);
  boost::asio::awaitable<void> end_start(background starting);
  boost::asio::awaitable<void> call_in_shutdown(std::vector<hook> app_state::*which, std::string when);
  boost::asio::awaitable<void> drain();
  void note_late(const std::string& what);
  bool is_idle() const;
  boost::asio::awaitable<void> wait_until(std::function<bool()> holds,
                                          clock::time_point at_least = clock::time_point::min());
  boost::asio::awaitable<void> note_cancellation();

  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  clock::time_point deadline_ = clock::time_point::max();  // of all that ends with the app
  bool is_established_ = false, is_cancelled_ = false;
};

}  // namespace kvco::handling
