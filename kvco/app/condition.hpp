// A change to wait for in a coroutine: `while (!holds) co_await changed.wait();`.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace kvco::handling {

class condition {
 public:
  explicit condition(boost::asio::any_io_executor executor)
      : timer_(std::move(executor), boost::asio::steady_timer::time_point::max()) {}

  /// Until the next notify(), or until the coroutine is cancelled. It must outlive the call.
  boost::asio::awaitable<void> wait() {
    co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::deferred));
  }
  /// All that wait go on, in a later turn.
  void notify() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace kvco::handling
