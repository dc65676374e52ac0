// Where entries and messages go that their handler could not handle.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <kvco/app/app_core.hpp>
#include <kvco/app/delivery.hpp>
#include <kvco/app/handler_plan.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace kvco::handling {

/// `<bucket>.<key>`, or the subject. Characters that a key has not are `=` and two hexadecimal digits.
std::string dead_letter_key(std::string_view bucket, std::string_view key);

/// Completes when it is stored, or when the server has read it.
boost::asio::awaitable<void> send_dead_letter(std::shared_ptr<app_core> core,
                                              std::shared_ptr<const handler_plan> plan, delivery_ptr item,
                                              std::string why);

/// False: the server, or this client, refuses such a letter, and would refuse it again.
bool may_be_sent_later(const std::exception_ptr& failure);

}  // namespace kvco::handling
