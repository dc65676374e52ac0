// The listener, and the order in which everything ends.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

#include "connection.hpp"

namespace gateway {

class server {
 public:
  /// Listens at once. Throws if that fails.
  server(asio::io_context& reactor, const options& from);

  asio::awaitable<void> accept();
  /// Accepts no more, lets requests that are there end, then ends the client of NATS.
  asio::awaitable<void> stop();

  asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  hub& buckets() noexcept { return hub_; }

 private:
  asio::awaitable<void> serve(std::shared_ptr<connection> one, bool refused);

  hub hub_;
  access access_;
  handlers handlers_;
  service service_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::set<std::shared_ptr<connection>> connections_;
  std::size_t refusing_ = 0;
};

}  // namespace gateway
