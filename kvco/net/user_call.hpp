// Calls of functions that the user has set.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

namespace kvco::net {

/// An exception from it belongs to io_context::run(), and not to the work that it interrupts: it is thrown there in a turn of its own.
/// False: there was one.
template <class Call>
bool call_user(const boost::asio::any_io_executor& executor, Call&& call) {
  try {
    std::forward<Call>(call)();
    return true;
  } catch (...) {
    boost::asio::post(executor, [thrown = std::current_exception()] { std::rethrow_exception(thrown); });
    return false;
  }
}

}  // namespace kvco::net
