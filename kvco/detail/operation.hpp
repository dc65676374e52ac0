// The result of preparing an operation, and how it is started with any token.
#pragma once

#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>
#include <kvco/detail/explain.hpp>
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

/// Of an empty handle, which has no executor: completes with errc::closed on that of the handler.
template <class... Ts, class Handler>
void complete_empty(Handler&& function) {
  const auto executor = asio::get_associated_executor(function, asio::system_executor());
  asio::post(executor, [function = std::decay_t<Handler>(std::forward<Handler>(function))]() mutable {
    const explanation explained({.text = "the handle is empty"});
    std::move(function)(error_code(client_error::closed), Ts()...);
  });
}

template <class... Ts>
struct start_operation {
  using executor_type = asio::any_io_executor;
  // The operation's, which is always beside it; a copy would be the largest part of both. nullptr: there is no operation.
  const executor_type* executor;
  executor_type get_executor() const noexcept {  // asio::cancel_after (1.86) asks for it
    return executor != nullptr ? *executor : executor_type(asio::system_executor());
  }

  // Asio would drop a coroutine that awaits an operation which throws here: without memory for a handler the
  // process ends.
  template <class Handler>
  void operator()(Handler&& function, operation_ptr<Ts...> started) const noexcept {
    using function_type = std::decay_t<Handler>;
    if (!started) return complete_empty<Ts...>(std::forward<Handler>(function));
    auto completion =
        handler_of<function_type, Ts...>::make(function_type(std::forward<Handler>(function)), *executor);
    started.release()->start(std::move(completion));
  }
};

/// @param prepared  nullptr: of an empty handle
template <class... Ts, class Token>
auto initiate(operation_ptr<Ts...> prepared, Token&& token) {
  start_operation<Ts...> start{prepared ? &prepared->executor() : nullptr};
  return asio::async_initiate<Token, void(error_code, Ts...)>(std::move(start), token, std::move(prepared));
}

}  // namespace kvco::detail

namespace kvco {

/// The completion token of an operation called without one: as asio::deferred, but the what() of the
/// boost::system::system_error that `co_await bucket.put(...)` throws contains the text of the diagnostics. A
/// stored operation starts when it is awaited.
struct default_token {};

namespace detail {

/// Of a coroutine that goes on with an exception where there is an error.
template <class Handler>
struct throwing_handler {
  Handler handler;

  template <class... Ts>
  void operator()(error_code code, Ts&&... values) {
    if (!code) return std::move(handler)(code, std::forward<Ts>(values)...);
    const exception_text in_what(code);
    std::move(handler)(code, std::forward<Ts>(values)...);
  }
};

template <class Initiation>
struct throwing_initiation {
  Initiation initiation;

  using executor_type = asio::associated_executor_t<Initiation, asio::any_io_executor>;

  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) && {
    std::move(initiation)(throwing_handler<std::decay_t<Handler>>{std::forward<Handler>(handler)},
                          std::forward<Args>(args)...);
  }
  template <class Handler, class... Args>
  void operator()(Handler&& handler, Args&&... args) const& {
    initiation(throwing_handler<std::decay_t<Handler>>{std::forward<Handler>(handler)},
               std::forward<Args>(args)...);
  }
};

}  // namespace detail
}  // namespace kvco

template <class... Ts>
class boost::asio::async_result<kvco::default_token, void(kvco::error_code, Ts...)> {
 public:
  template <class Initiation, class... Args>
  static auto initiate(Initiation&& initiation, const kvco::default_token&, Args&&... args) {
    using throwing = kvco::detail::throwing_initiation<std::decay_t<Initiation>>;
    return boost::asio::async_initiate<const boost::asio::deferred_t&, void(kvco::error_code, Ts...)>(
        throwing{std::forward<Initiation>(initiation)}, boost::asio::deferred, std::forward<Args>(args)...);
  }
};

// Executor, allocator and cancellation slot are those of the handler inside.
template <template <class, class> class Associator, class Handler, class Default>
struct boost::asio::associator<Associator, kvco::detail::throwing_handler<Handler>, Default>
    : Associator<Handler, Default> {
  static auto get(const kvco::detail::throwing_handler<Handler>& outer) noexcept {
    return Associator<Handler, Default>::get(outer.handler);
  }
  static auto get(const kvco::detail::throwing_handler<Handler>& outer, const Default& otherwise) noexcept {
    return Associator<Handler, Default>::get(outer.handler, otherwise);
  }
};
