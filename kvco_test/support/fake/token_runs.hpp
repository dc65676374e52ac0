// Runs an operation with each kind of completion token and tells how it ended, in words that are the same for all of them.
//
// An operation is a struct with `value` (void for none) and `template <class... Token> static auto start(lab&, Token&&... token)`,
// whose arguments are gone when it returns.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <future>
#include <kvco_test/support/fake/lab.hpp>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace kvco::test {

/// How an operation ended: its value as describe() has it, or its code; where a token throws, with the words of the exception.
struct ending_in_words {
  bool ended = false;
  error_code code;
  std::string words, value;
};

namespace tokens {

/// Runs a coroutine to its end. What it throws becomes a code.
inline void run_coroutine(lab& in, asio::awaitable<void> what, ending_in_words& how) {
  asio::co_spawn(in.executor(), std::move(what), [&how](const std::exception_ptr& thrown) {
    how.ended = true;
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& error) {
      how.code = error.code();
      how.words = error.what();
      how.value.clear();
    }
  });
  in.run_until([&] { return how.ended; });
}

/// Awaits what an operation was made into, at once or in a later turn.
template <class Value, class Awaitable>
asio::awaitable<void> await_value(Awaitable started, bool in_a_later_turn, ending_in_words& how) {
  if (in_a_later_turn) co_await asio::post(asio::deferred);
  if constexpr (std::is_void_v<Value>) {
    co_await std::move(started);
    how.value = "ok";
  } else {
    const auto value = co_await std::move(started);
    how.value = "ok " + describe(value);
  }
}

/// co_await op(), or auto later = op(); ... co_await std::move(later)
template <class Op>
ending_in_words default_token(lab& in, bool in_a_later_turn) {
  ending_in_words how;
  run_coroutine(in, await_value<typename Op::value>(Op::start(in), in_a_later_turn, how), how);
  return how;
}

/// co_await op(use_awaitable), for awaitable_operators
struct use_awaitable {
  static constexpr const char* name = "use_awaitable";
  template <class Op>
  static ending_in_words run(lab& in) {
    ending_in_words how;
    run_coroutine(in, await_value<typename Op::value>(Op::start(in, asio::use_awaitable), false, how), how);
    return how;
  }
};

/// auto [ec, value] = co_await op(kvco::nothrow)
struct as_tuple {
  static constexpr const char* name = "as_tuple";
  template <class Op>
  static asio::awaitable<void> await(lab& in, ending_in_words& how) {
    const auto ended = co_await Op::start(in, nothrow);
    how.code = std::get<0>(ended);
    how.value = "ok";
    if constexpr (!std::is_void_v<typename Op::value>) how.value += " " + describe(std::get<1>(ended));
  }
  template <class Op>
  static ending_in_words run(lab& in) {
    ending_in_words how;
    run_coroutine(in, await<Op>(in, how), how);
    return how;
  }
};

/// value = co_await op(redirect_error(use_awaitable, ec)); Boost 1.81 has none of deferred.
struct redirect_error {
  static constexpr const char* name = "redirect_error";
  template <class Op>
  static ending_in_words run(lab& in) {
    ending_in_words how;
    auto started = Op::start(in, asio::redirect_error(asio::use_awaitable, how.code));
    run_coroutine(in, await_value<typename Op::value>(std::move(started), false, how), how);
    return how;
  }
};

/// op([](error_code, value) { ... })
struct callback {
  static constexpr const char* name = "callback";
  template <class Op>
  static ending_in_words run(lab& in) {
    outcome noted;
    Op::start(in, note{&noted});
    EXPECT_EQ(noted.calls, 0) << "never inside the call";
    in.run_until([&] { return noted.calls > 0; });
    in.run();
    EXPECT_EQ(noted.calls, 1);
    return {noted.calls > 0, noted.code, {}, noted.value};
  }
};

/// op(asio::use_future).get()
struct future {
  static constexpr const char* name = "future";
  template <class Op>
  static ending_in_words run(lab& in) {
    ending_in_words how;
    auto promised = Op::start(in, asio::use_future);
    how.ended =
        in.run_until([&] { return promised.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    if (!how.ended) return how;
    try {
      if constexpr (std::is_void_v<typename Op::value>) {
        promised.get();
        how.value = "ok";
      } else {
        how.value = "ok " + describe(promised.get());
      }
    } catch (const boost::system::system_error& error) {
      how.code = error.code();
      how.words = error.what();
    }
    return how;
  }
};

}  // namespace tokens
}  // namespace kvco::test
