// An app beside a server: what its handlers have seen, in short texts.
#pragma once

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <kvco/app/app.hpp>
#include <kvco_test/support/server/kv_test.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kvco::test {

using seen_list = std::vector<std::string>;

/// A run in the background, and how it has ended.
class running_app {
 public:
  explicit running_app(app& one, client& nats, run_options options = {.signals = false}) {
    asio::co_spawn(nats.get_executor(), one.run(options), [state = state_](std::exception_ptr failure) {
      state->is_done = true;
      state->failure = std::move(failure);
    });
  }
  bool is_done() const { return state_->is_done; }
  std::function<bool()> done() const {
    return [state = state_] { return state->is_done; };
  }
  /// "" without a failure.
  std::string failure() const {
    try {
      if (state_->failure) std::rethrow_exception(state_->failure);
    } catch (const std::exception& error) {
      return error.what();
    } catch (...) {
      return "an unknown exception";
    }
    return {};
  }
  error_code code() const {
    try {
      if (state_->failure) std::rethrow_exception(state_->failure);
    } catch (const boost::system::system_error& error) {
      return error.code();
    } catch (...) {
    }
    return {};
  }

 private:
  struct ending {
    bool is_done = false;
    std::exception_ptr failure;
  };
  std::shared_ptr<ending> state_ = std::make_shared<ending>();
};

/// Until it is cancelled.
inline asio::awaitable<void> never_end() {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::deferred);
}

/// The same, and sets `cancelled` when it is cancelled.
inline asio::awaitable<void> never_end(std::shared_ptr<bool> cancelled) {
  try {
    co_await never_end();
  } catch (const boost::system::system_error&) {
    *cancelled = true;
    throw;
  }
}

inline asio::awaitable<void> until_size(std::shared_ptr<seen_list> seen, std::size_t size) {
  return until([seen = std::move(seen), size] { return seen->size() >= size; });
}

/// The app is stopped, and its run ends without a failure.
inline asio::awaitable<void> stopped(std::shared_ptr<app> one, std::shared_ptr<running_app> running) {
  one->stop();
  co_await until(running->done());
  EXPECT_EQ(running->failure(), "");
  EXPECT_EQ(one->phase(), app_phase::ended);
}

}  // namespace kvco::test
