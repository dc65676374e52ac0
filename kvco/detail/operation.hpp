// What an initiating function hands over: a prepared operation, and the way to start it with any token.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <kvco/detail/handler.hpp>
#include <memory>
#include <type_traits>
#include <utility>

namespace kvco::detail {

/// An operation that owns all it needs. Nothing is sent before start(); one that is never started costs
/// nothing on the wire.
template <class... Ts>
class operation {
 public:
  virtual ~operation() = default;
  /// Starts it; from here on it owns itself. The handler is never called from inside this call.
  virtual void start(handler_ptr<Ts...> completion) noexcept = 0;
  /// Where completion happens if the handler names no executor; empty: the handler must name one.
  /// It lives as long as the operation.
  virtual const asio::any_io_executor& executor() const noexcept = 0;

  static void* operator new(std::size_t size) { return operation_memory::allocate(size); }
  static void operator delete(void* block, std::size_t size) noexcept { operation_memory::free(block, size); }
};

template <class... Ts>
using operation_ptr = std::unique_ptr<operation<Ts...>>;

template <class... Ts>
struct start_operation {
  using executor_type = asio::any_io_executor;
  const executor_type*
      executor;  // the operation's, which is always beside it; a copy would be the largest part of both
  executor_type get_executor() const noexcept { return *executor; }  // asio::cancel_after (1.86) asks for it

  // A coroutine that awaits what throws here would be dropped by Asio: without memory for a handler the process ends.
  template <class Handler>
  void operator()(Handler&& function, operation_ptr<Ts...> started) const noexcept {
    using function_type = std::decay_t<Handler>;
    auto completion =
        handler_of<function_type, Ts...>::make(function_type(std::forward<Handler>(function)), *executor);
    started.release()->start(std::move(completion));
  }
};

template <class... Ts, class Token>
auto initiate(operation_ptr<Ts...> prepared, Token&& token) {
  start_operation<Ts...> start{&prepared->executor()};
  return asio::async_initiate<Token, void(error_code, Ts...)>(std::move(start), token, std::move(prepared));
}

}  // namespace kvco::detail

namespace kvco {

/// The completion token of an operation called without one: `co_await bucket.put(...)` throws
/// boost::system::system_error on failure; a stored operation starts when it is awaited.
using default_token = boost::asio::deferred_t;

}  // namespace kvco
