// NATS over WebSocket: binary messages that cut the protocol anywhere.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <kvco/net/environment.hpp>

namespace kvco::net {

/// A TCP connection that becomes a WebSocket.
class websocket_transport : public transport {
 public:
  /// TLS, with wss, and the upgrade by HTTP (RFC 6455). close() ends it.
  virtual asio::awaitable<step_result> open(dial_plan plan) = 0;
};

/// @param context  of the TLS below it; nullptr: plain TCP
std::unique_ptr<websocket_transport> make_websocket_transport(asio::ip::tcp::socket socket,
                                                              std::shared_ptr<ssl_ctx_st> context);

}  // namespace kvco::net
