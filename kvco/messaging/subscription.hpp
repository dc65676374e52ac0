// The asynchronous generator of a subscription of core NATS.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <kvco/detail/operation.hpp>
#include <kvco/messaging/message.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace kvco {

namespace net {
class inbound;
class session_owner;
}  // namespace net

/// The messages of a subject or a wildcard, in the order in which the server sends them.
///
///     kvco::subscription orders = nats.subscribe("orders.*", {.queue = "workers"});
///     while (std::optional<kvco::message> m = co_await orders.next()) handle(*m);
///
/// Core NATS delivers at most once: messages published while the client is disconnected, or while the subscription has no room
/// (subscribe_options::max_pending), are not delivered. A subscription is renewed on each new connection.
///
/// \par Lifetimes
/// Destroying it unsubscribes; a pending next() completes with operation_aborted. It keeps the connection open, as the other handles
/// do.
///
/// \par Ends
/// With nothing and no error: after stop(), drain(), and subscribe_options::max_messages. With an error, after the messages received
/// before: errc::invalid_subject, errc::invalid_argument, errc::permission_denied, errc::slow_consumer, errc::connection_lost
/// (without config::reconnect), operation_aborted (the client was closed).
class [[nodiscard]] subscription {
 public:
  using executor_type = boost::asio::any_io_executor;

  subscription() noexcept = default;  ///< empty: next() completes with errc::closed
  subscription(std::shared_ptr<net::inbound> state, std::shared_ptr<net::session_owner> owner) noexcept;
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;
  ~subscription();

  /// False: the handle is empty.
  explicit operator bool() const noexcept { return state_ != nullptr; }
  /// An empty executor if the handle is empty.
  executor_type get_executor() const noexcept;
  /// As given to client::subscribe().
  std::string_view subject() const noexcept;

  /// The next message; nothing at the end. One next() at a time: a second one completes with errc::already_waiting.
  ///
  /// \par Completes with
  /// `void(error_code, std::optional<message>)`. A coroutine whose executor type is not any_io_executor has to pass a token, e.g.
  /// asio::deferred.
  /// \par Cancellation
  /// All types. No message is lost: the next call returns it.
  boost::asio::awaitable<std::optional<message>> next();
  template <class Token>
  auto next(Token&& token) {
    return detail::initiate(prepare_next(), std::forward<Token>(token));
  }

  /// Unsubscribes at once: messages not taken are dropped, a pending next() completes with nothing.
  void stop() noexcept;
  /// Unsubscribes; next() still returns all messages that the server sends before it reads the UNSUB, then the end.
  void drain() noexcept;

  /// The number of messages received and not yet taken.
  std::size_t queued() const noexcept;
  /// The number of messages dropped for lack of room.
  std::uint64_t dropped() const noexcept;

 private:
  detail::operation_ptr<std::optional<message>> prepare_next();

  std::shared_ptr<net::inbound> state_;
  std::shared_ptr<net::session_owner> owner_;
};

}  // namespace kvco
