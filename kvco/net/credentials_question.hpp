// The function of config::credentials() at work: asked by the session, for one connection.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <kvco/auth/credentials.hpp>
#include <kvco/detail/refusal.hpp>
#include <memory>

namespace kvco::net {

class connection;

/// Outlives the session that asks, if need be: a function that takes no notice of being cancelled answers when it likes.
struct credentials_question {
  credentials given;
  detail::refusal refused;  // it has thrown
  boost::asio::cancellation_signal stop;
};

/// Asks, and waits for the answer or for the end of the connection: then the function is cancelled, and not waited for.
boost::asio::awaitable<std::shared_ptr<credentials_question>> ask_for_credentials(
    std::shared_ptr<detail::credentials_source> source, credentials_request request,
    std::shared_ptr<connection> conn, boost::asio::any_io_executor executor);

}  // namespace kvco::net
