// A TCP connection to one of several addresses.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <kvco/core/deadlines.hpp>
#include <kvco/error.hpp>
#include <utility>
#include <vector>

namespace kvco::net {

namespace asio = boost::asio;

class dialler {
 public:
  explicit dialler(const asio::any_io_executor& executor) : socket_(executor) {}

  /// Connects to the first address that answers, tried in their order. One that drops packets does not take
  /// the time of later ones: each address has an equal share of the time left until `until`. The last one
  /// waits until cancel().
  /// @param addresses  at least one
  asio::awaitable<error_code> connect(std::vector<asio::ip::tcp::endpoint> addresses, core::time_point until);
  /// connect() ends with operation_aborted.
  void cancel() noexcept;
  /// The socket connected by connect().
  asio::ip::tcp::socket take() { return std::move(socket_); }

 private:
  asio::awaitable<error_code> connect_within(asio::ip::tcp::endpoint address, core::duration share);

  asio::ip::tcp::socket socket_;
  bool cancelled_ = false;
};

}  // namespace kvco::net
