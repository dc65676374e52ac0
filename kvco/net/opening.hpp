// From settings to a session, and the wait for a connection.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <kvco/config.hpp>
#include <memory>
#include <string>

namespace kvco::net {

class session;

/// A session that connects in the background. Of settings that are refused: one that is closed, with the reason.
std::shared_ptr<session> open_session(const boost::asio::any_io_executor& executor, config settings);

/// Waits for the first connection. Fails with errc::timeout while the session continues to try, or with the reason of its end.
boost::asio::awaitable<void> wait_for_connection(std::shared_ptr<session> session, duration timeout);
/// The same of another connection than the present one, which is left.
boost::asio::awaitable<void> reconnect(std::shared_ptr<session> session, duration timeout);
/// Fails with errc::invalid_url.
boost::asio::awaitable<void> set_servers(std::shared_ptr<session> session, std::string urls);

}  // namespace kvco::net
