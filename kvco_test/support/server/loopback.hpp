// Sockets of 127.0.0.1, for what stands between a client and its server.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

namespace kvco::test {

inline boost::asio::ip::tcp::endpoint loopback(std::uint16_t port) {
  return {boost::asio::ip::address_v4::loopback(), port};
}

inline boost::asio::ip::tcp::acceptor listen_on(const boost::asio::any_io_executor& executor,
                                                std::uint16_t port) {
  boost::asio::ip::tcp::acceptor made(executor);
  made.open(boost::asio::ip::tcp::v4());
  made.set_option(boost::asio::socket_base::reuse_address(true));
  made.bind(loopback(port));
  made.listen();
  return made;
}

/// RST.
inline void reset_socket(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

/// FIN.
inline void finish_socket(boost::asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
}

}  // namespace kvco::test
