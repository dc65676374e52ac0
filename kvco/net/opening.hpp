// From settings to a session, and the wait for its first connection.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <kvco/config.hpp>
#include <memory>

namespace kvco::net {

class session;

/// A session that connects in the background. Of settings that are refused: one that is closed, with the reason.
std::shared_ptr<session> open_session(const boost::asio::any_io_executor& executor, config settings);

/// Fails with errc::timeout while it goes on, or with the reason why there will be none.
boost::asio::awaitable<void> wait_for_connection(std::shared_ptr<session> session, duration timeout);

}  // namespace kvco::net
