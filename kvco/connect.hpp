// The way in: from a URL to a client.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/system_executor.hpp>
#include <concepts>
#include <kvco/client.hpp>
#include <kvco/config.hpp>
#include <kvco/detail/operation.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace kvco {

namespace detail {

operation_ptr<client> prepare_connect(asio::any_io_executor executor, config settings);

// The client lives on the executor of its caller: in a coroutine, the coroutine's.
struct start_connect {
  template <class Handler>
  void operator()(Handler&& function, config settings) const {
    using function_type = std::decay_t<Handler>;
    using executor_type = asio::associated_executor_t<function_type>;
    static_assert(!std::is_same_v<executor_type, asio::system_executor>,
                  "kvco::connect: this completion token names no executor; use connect(executor, ...)");
    asio::any_io_executor executor = asio::get_associated_executor(function);
    auto completion =
        handler_of<function_type, client>::make(function_type(std::forward<Handler>(function)), executor);
    prepare_connect(std::move(executor), std::move(settings)).release()->start(std::move(completion));
  }
};

}  // namespace detail

/// Connects to a NATS server: `kvco::client nats = co_await kvco::connect("nats://127.0.0.1:4222");`
///
/// Each server of the list is tried once; the client works on the coroutine's executor. See kvco::config for the form of
/// URLs and for the settings.
///
/// \par Completes with
/// `void(error_code, client)`; errc::invalid_url, invalid_argument, connect_failed (the connection was
/// refused, the host name is unknown, or no NATS server answered within config::connect_timeout), tls_failed,
/// authentication_failed, protocol_error, unsupported_by_server.
/// \par Cancellation
/// Any type: no connection is left behind.
template <class Token = default_token>
auto connect(config settings, Token&& token = Token()) {
  return boost::asio::async_initiate<Token, void(error_code, client)>(detail::start_connect(), token,
                                                                      std::move(settings));
}
template <class Token = default_token>
auto connect(std::string_view urls, Token&& token = Token()) {
  return connect(config(urls), std::forward<Token>(token));
}

/// The same on an executor that is named, for callbacks and futures: one thread must run it.
template <detail::executor_like Executor, class Token = default_token>
auto connect(Executor executor, config settings, Token&& token = Token()) {
  return detail::initiate(detail::prepare_connect(std::move(executor), std::move(settings)),
                          std::forward<Token>(token));
}
template <detail::executor_like Executor, class Token = default_token>
auto connect(Executor executor, std::string_view urls, Token&& token = Token()) {
  return connect(std::move(executor), config(urls), std::forward<Token>(token));
}
template <detail::context_like Context, class Token = default_token>
auto connect(Context& context, config settings, Token&& token = Token()) {
  return connect(context.get_executor(), std::move(settings), std::forward<Token>(token));
}
template <detail::context_like Context, class Token = default_token>
auto connect(Context& context, std::string_view urls, Token&& token = Token()) {
  return connect(context.get_executor(), config(urls), std::forward<Token>(token));
}

}  // namespace kvco
