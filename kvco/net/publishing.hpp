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

detail::operation_ptr<> make_publish(std::shared_ptr<session> session, std::string_view subject,
                                     std::string_view payload, const publish_options& options);
/// The same, at once if there is a connection with room for it: without an operation, and without a turn of the reactor.
/// @param session  nullptr: of an empty handle
boost::asio::awaitable<void> publish(std::shared_ptr<session> session, std::string_view subject,
                                     std::string_view payload, const publish_options& options);

detail::operation_ptr<message> make_request(std::shared_ptr<session> session, std::string_view subject,
                                            std::string_view payload, const message_request_options& options);

}  // namespace kvco::net
