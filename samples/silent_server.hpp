// A server that greets, and then never answers: operations end by their deadline.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>

namespace sample {

class silent_server {
 public:
  explicit silent_server(boost::asio::any_io_executor executor)
      : listener_(executor, {boost::asio::ip::address_v4::loopback(), 0}) {
    boost::asio::co_spawn(executor, greet(&listener_), boost::asio::detached);
  }

  std::string url() const { return "nats://127.0.0.1:" + std::to_string(listener_.local_endpoint().port()); }

 private:
  using acceptor = boost::asio::ip::tcp::acceptor;

  static boost::asio::awaitable<void> greet(acceptor* listener) {
    constexpr auto& wait = boost::asio::use_awaitable;
    auto client = co_await listener->async_accept(wait);
    std::string info =
        R"(INFO {"version":"2.10.0","proto":1,"headers":true,"jetstream":true,"max_payload":1048576})";
    info += "\r\n";
    co_await boost::asio::async_write(client, boost::asio::buffer(info), wait);
    std::string hello;
    co_await boost::asio::async_read_until(client, boost::asio::dynamic_buffer(hello), "PING\r\n", wait);
    co_await boost::asio::async_write(client, boost::asio::buffer("PONG\r\n", 6), wait);
    std::string ignored(4096, ' ');
    while (true) co_await client.async_read_some(boost::asio::buffer(ignored), wait);
  }

  acceptor listener_;
};

}  // namespace sample
