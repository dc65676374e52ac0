// publish() and request() of core NATS.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <kvco/detail/operation.hpp>
#include <kvco/messaging/message.hpp>
#include <kvco/messaging/options.hpp>
#include <memory>
#include <string_view>

namespace kvco::net {

class session;

/// A message that is encoded already; start() of it as an operation, or publish().
detail::operation_ptr<> make_publish(std::shared_ptr<session> session, std::string_view subject,
                                     std::string_view payload, const publish_options& options);
/// Of make_publish(): at once if there is a connection with room for it, without a turn of the reactor. nullptr: of an empty handle.
boost::asio::awaitable<void> publish(detail::operation_ptr<> prepared);

detail::operation_ptr<message> make_request(std::shared_ptr<session> session, std::string_view subject,
                                            std::string_view payload, const message_request_options& options);

}  // namespace kvco::net
