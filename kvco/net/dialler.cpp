// A TCP connection to one of several addresses. See the header.
#include <kvco/net/dialler.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <kvco/net/as_tuple_deferred.hpp>

namespace kvco::net {

using tcp = asio::ip::tcp;

namespace {

// Asio's own open() leaves the socket to every program that this process starts.
error_code open_socket(tcp::socket& socket, const tcp& protocol) {
  const int number = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (number < 0) return error_code(errno, boost::system::system_category());
  error_code code;
  socket.assign(protocol, number, code);
  if (code) ::close(number);
  return code;
}

}  // namespace

asio::awaitable<error_code> dialler::connect(std::vector<tcp::endpoint> addresses, core::time_point until) {
  const asio::any_io_executor executor = socket_.get_executor();
  cancelled_ = false;
  error_code code;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    socket_ = tcp::socket(executor);
    const auto left = static_cast<std::int64_t>(addresses.size() - i);
    code = open_socket(socket_, addresses[i].protocol());
    if (code) continue;
    if (left == 1) {
      const auto [last] = co_await socket_.async_connect(addresses[i], as_tuple_deferred);
      code = last;
    } else {
      const core::duration rest = until - std::chrono::steady_clock::now();
      code = co_await connect_within(addresses[i], std::max(rest, core::duration(0)) / left);
    }
    if (cancelled_) co_return asio::error::operation_aborted;
    if (!code) break;
  }
  co_return code;
}

asio::awaitable<error_code> dialler::connect_within(tcp::endpoint address, core::duration share) {
  asio::steady_timer limit(socket_.get_executor(), share);
  auto first = asio::experimental::make_parallel_group(socket_.async_connect(address, asio::deferred),
                                                       limit.async_wait(asio::deferred));
  const auto [order, connected, expired] =
      co_await first.async_wait(asio::experimental::wait_for_one(), as_tuple_deferred);
  const bool too_late = connected == asio::error::operation_aborted && !expired;
  co_return too_late ? error_code(asio::error::timed_out) : connected;
}

void dialler::cancel() noexcept {
  cancelled_ = true;
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace kvco::net
