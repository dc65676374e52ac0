// Runs one handler: reads its source while there is room, calls the handler, and handles failures.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <kvco/app/app_core.hpp>
#include <kvco/app/condition.hpp>
#include <kvco/app/delivery_source.hpp>
#include <kvco/app/handler_health.hpp>
#include <kvco/app/handler_plan.hpp>
#include <kvco/app/key_lanes.hpp>
#include <kvco/app/position_keeper.hpp>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <unordered_map>

namespace kvco::handling {

class handler_loop : public std::enable_shared_from_this<handler_loop> {
 public:
  handler_loop(std::shared_ptr<app_core> core, std::shared_ptr<handler_plan> plan,
               std::shared_ptr<delivery_source> source);

  /// Throws app_error::already_running.
  handler_plan& plan_to_change();
  const handler_plan& plan() const noexcept { return *plan_; }
  handler_health health() const;

  /// Begins to read and to call the handler.
  boost::asio::awaitable<void> open();
  /// The server delivers.
  boost::asio::awaitable<void> ready();
  /// The initial data was handled. One that has failed is not waited for.
  bool is_ready() const noexcept;
  /// Reads nothing further; entries taken are handled.
  void drain();
  /// Entries that wait are dropped, and calls are cancelled.
  void cancel();
  /// Nothing is read, called or stored any more.
  bool is_idle() const noexcept;
  /// The deliveries that were taken and not handled.
  std::size_t unhandled() const noexcept { return items_.size(); }
  /// After drain(). The functions of the user are dropped, for they may hold the app: with the end of the last call that needs them.
  void end();

 private:
  using signal_ptr = std::shared_ptr<boost::asio::cancellation_signal>;
  struct outcome {
    std::exception_ptr failure;
    failure_kind kind = failure_kind::thrown;
    std::string text;
  };

  // handler_loop.cpp: reading.
  static boost::asio::awaitable<void> read(std::shared_ptr<handler_loop> self);
  void reading_ended(const std::exception_ptr& failure);
  void take(delivery_ptr item);
  bool conflate(const delivery_ptr& item);
  void finish(const delivery& item);
  bool is_full() const noexcept { return lanes_.is_full() || position_->is_full(); }
  void fail(const std::exception_ptr& failure, std::string text, bool ends_app);

  // handler_calls.cpp: calling.
  void start_workers();
  static boost::asio::awaitable<void> work(std::shared_ptr<handler_loop> self);
  boost::asio::awaitable<bool> handle(delivery_ptr item);
  boost::asio::awaitable<bool> give_up(delivery_ptr item, outcome last);
  boost::asio::awaitable<bool> store_dead_letter(delivery_ptr item, std::string why);
  boost::asio::awaitable<outcome> call(delivery_ptr item);
  boost::asio::awaitable<void> pause(duration time) const;
  void note_failure(const delivery& item, const outcome& last, const char* next);

  std::shared_ptr<app_core> core_;
  std::shared_ptr<handler_plan> plan_;
  std::shared_ptr<delivery_source> source_;
  std::shared_ptr<position_keeper> position_;
  key_lanes lanes_;
  std::unordered_map<std::uint64_t, delivery_ptr> items_;  // those of the lanes, by their numbers there
  std::set<signal_ptr> workers_;
  condition room_;
  std::minstd_rand random_;
  handler_state state_ = handler_state::registered;
  handler_counters counters_;
  revision last_ = 0;
  std::size_t initial_left_ = 0;  // entries of the initial data that were taken and not handled
  bool is_reading_ = false, is_cancelled_ = false, is_ended_ = false;
  std::string last_error_;
};

/// With the name of the handler in its text, if it has a code.
std::exception_ptr named_failure(const std::exception_ptr& failure, const std::string& handler);

}  // namespace kvco::handling
