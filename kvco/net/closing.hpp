// flush, rtt, close.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/options.hpp>
#include <memory>

namespace kvco::net {

class session;

detail::operation_ptr<> make_flush(std::shared_ptr<session> session, const request_options& options);
detail::operation_ptr<duration> make_rtt(std::shared_ptr<session> session, const request_options& options);
boost::asio::awaitable<void> close(std::shared_ptr<session> session, duration timeout);
boost::asio::awaitable<void> drain(std::shared_ptr<session> session, duration timeout);

}  // namespace kvco::net
