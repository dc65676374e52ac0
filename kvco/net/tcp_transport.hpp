// A TCP connection, plain or with TLS from its beginning or from its INFO on.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <kvco/net/transport.hpp>

namespace kvco::net {

std::unique_ptr<transport> make_tcp_transport(asio::ip::tcp::socket socket);

}  // namespace kvco::net
