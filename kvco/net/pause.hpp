// A pause in a longer operation, by the session's clock.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/net/broadcast.hpp>
#include <kvco/net/session.hpp>
#include <memory>

namespace kvco::net {

/// Returns at `until`, or earlier if it is cancelled, or notified by `early` (nullptr: none). Fails with operation_aborted if the
/// client is closed meanwhile.
boost::asio::awaitable<void> pause(std::shared_ptr<session> session, core::time_point until,
                                   broadcast* early = nullptr);

/// Returns when `what` is set. Fails with operation_aborted when it is cancelled, or the client is closed meanwhile; at the
/// end of the reactor the coroutine that waits is dropped.
boost::asio::awaitable<void> wait(std::shared_ptr<session> session, signal& what);

}  // namespace kvco::net
